import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets a message stay so many days after it was carried, and not only after it was written. */
export class RoadOutboxRetention1700000000008 implements MigrationInterface {
  readonly name = 'RoadOutboxRetention1700000000008';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [CARRIED, SETTLED, PARTITIONS, FORGET, RIGHTS]) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('Where the relay stood on past days cannot be had back. Restore a backup instead.');
  }
}

/**
 * Where the relay stood day by day. What it had carried by then is known to have stayed that long: days since a message was
 * written say nothing, when the broker was away for a week and has only just got it.
 */
const CARRIED = `
  create table outbox_carried (
    on_day date primary key,
    xid xid8 not null,
    "position" bigint not null)`;

/**
 * The newest of those places that is old enough, and that the relay has still passed: one with another kind of conveyor begins
 * again, because the kind before may have carried what it never delivered.
 */
const SETTLED = `
  create function road_settled(retain_days int) returns outbox_carried
  language sql stable set search_path from current as $$
    select stood.* from outbox_carried stood, relay_cursor stands
    where stood.on_day < (statement_timestamp() at time zone 'utc')::date - retain_days
      and (stood.xid, stood.position) <= (stands.xid, stands.position)
    order by stood.on_day desc limit 1
  $$`;

/**
 * Whole UTC days. What came before its day had a partition stays in the default one and is deleted from there, by
 * `road_forget_outbox`. A partition is dropped when the relay had carried all of it so many days ago, never before. The app role
 * reaches partitions through their parent only, so it cannot rewrite one behind its back.
 */
const PARTITIONS = `
  create or replace function road_roll_outbox(days_ahead int, retain_days int) returns void
  language plpgsql security definer set search_path from current as $$
  declare
    today date := (statement_timestamp() at time zone 'utc')::date;
    day date; partition text; settled outbox_carried; beyond boolean;
  begin
    if not pg_try_advisory_xact_lock(hashtext('holdfast partitions'), hashtext(current_schema())) then return; end if;
    for day in select generate_series(today, today + days_ahead, '1 day')::date loop
      partition := 'outbox_' || to_char(day, 'YYYYMMDD');
      if to_regclass(partition) is null
         and not exists (select from outbox_default where recorded_at >= day::timestamp at time zone 'utc'
                         and recorded_at < (day + 1)::timestamp at time zone 'utc') then
        execute format('create table %I partition of outbox for values from (%L) to (%L)', partition,
                       day::timestamp at time zone 'utc', (day + 1)::timestamp at time zone 'utc');
        execute format('revoke all on %I from %I', partition, current_schema() || '_app');
      end if;
    end loop;
    insert into outbox_carried select today, xid, position from relay_cursor on conflict do nothing;
    settled := road_settled(retain_days);
    if settled is null then return; end if;
    delete from outbox_carried where on_day < settled.on_day;
    for partition, day in
      select c.relname, to_date(substr(c.relname, 8), 'YYYYMMDD') from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$' loop
      if day < settled.on_day then
        execute format('select exists (select from %I o where (o.xid, o.position) > ($1, $2))', partition)
          into beyond using settled.xid, settled.position;
        if not beyond then execute format('drop table %I', partition); end if;
      end if;
    end loop;
  end $$`;

/** Bit by bit: a day without a partition may be more than a statement gets time for. */
const FORGET = `
  create function road_forget_outbox(retain_days int, most int) returns int
  language plpgsql security definer set search_path from current as $$
  declare settled outbox_carried := road_settled(retain_days); forgotten int;
  begin
    with gone as (
      delete from outbox_default where ctid = any(array(
        select ctid from outbox_default d
        where (d.xid, d.position) <= (settled.xid, settled.position)
          and d.recorded_at < settled.on_day::timestamp at time zone 'utc' limit most))
      returning 1)
    select count(*) into forgotten from gone;
    return forgotten;
  end $$`;

/** Only the functions above, which belong to the owner, touch what they keep. */
const RIGHTS = `
  do $$ declare app text := current_schema() || '_app'; begin
    execute format('revoke all on outbox_carried from %I', app);
    execute format('revoke all on function road_settled(int) from public, %I', app);
    execute format('revoke all on function road_forget_outbox(int, int) from public');
    execute format('grant execute on function road_forget_outbox(int, int) to %I', app);
  end $$`;
