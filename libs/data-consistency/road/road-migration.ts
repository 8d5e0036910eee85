import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The tables every context has in its own schema: outbox, inbox, event store, projections, sagas, idempotency.
 * Run by the schema's owner before the context's own migrations.
 */
export class Road1700000000000 implements MigrationInterface {
  readonly name = 'Road1700000000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error('The road is not taken back: it holds what others were promised. Restore a backup instead.');
  }
}

const CONFLICT = `
  create function road_conflict(write text) returns int language plpgsql as $$
  begin raise exception '%', write using errcode = 'HF409'; end $$`;

const LEADERSHIP = `
  create table leadership (
    name text primary key,
    epoch bigint not null,
    elected_at timestamptz not null default clock_timestamp())`;

/** Says that the context's seed data are in, so that they come once. */
const SEEDED = `
  create table seeded (singleton boolean primary key default true check (singleton), at timestamptz not null default clock_timestamp())`;

const OUTBOX = [
  `create sequence outbox_position`,
  `create table outbox (
     position bigint not null default nextval('outbox_position'),
     xid xid8 not null default pg_current_xact_id(),
     recorded_at timestamptz not null default clock_timestamp(),
     message_id uuid not null,
     type text not null,
     key text not null,
     envelope json not null
   ) partition by range (recorded_at)`,
  `create index outbox_in_commit_order on outbox (xid, position)`,
  `create index outbox_by_message on outbox (message_id)`,
  `create table outbox_default partition of outbox default`,
  `create table relay_cursor (
     singleton boolean primary key default true check (singleton),
     xid xid8 not null default '0',
     position bigint not null default 0,
     moved_at timestamptz)`,
  `insert into relay_cursor default values`,
];

/**
 * Whole UTC days. What came before its day had a partition stays in the default one and is deleted from there. A message
 * leaves when its day is long enough over and the relay has carried it, never before. The app role reaches partitions
 * through their parent only, so it cannot rewrite one behind its back.
 */
const PARTITIONS = `
  create function road_roll_outbox(days_ahead int, retain_days int) returns void
  language plpgsql security definer set search_path from current as $$
  declare
    day date; partition text; unread boolean;
  begin
    if not pg_try_advisory_xact_lock(hashtext('holdfast partitions'), hashtext(current_schema())) then return; end if;
    for day in select generate_series((now() at time zone 'utc')::date, (now() at time zone 'utc')::date + days_ahead, '1 day')::date loop
      partition := 'outbox_' || to_char(day, 'YYYYMMDD');
      if to_regclass(partition) is null
         and not exists (select from outbox_default where recorded_at >= day::timestamp at time zone 'utc'
                         and recorded_at < (day + 1)::timestamp at time zone 'utc') then
        execute format('create table %I partition of outbox for values from (%L) to (%L)', partition,
                       day::timestamp at time zone 'utc', (day + 1)::timestamp at time zone 'utc');
        execute format('revoke all on %I from %I', partition, current_schema() || '_app');
      end if;
    end loop;
    for partition, day in
      select c.relname, to_date(substr(c.relname, 8), 'YYYYMMDD') from pg_inherits i join pg_class c on c.oid = i.inhrelid
      where i.inhparent = 'outbox'::regclass and c.relname ~ '^outbox_[0-9]{8}$' loop
      if day < (now() at time zone 'utc')::date - retain_days then
        execute format('select exists (select from %I o, relay_cursor c where (o.xid, o.position) > (c.xid, c.position))', partition) into unread;
        if not unread then execute format('drop table %I', partition); end if;
      end if;
    end loop;
    delete from outbox_default d using relay_cursor c
      where d.recorded_at < ((now() at time zone 'utc')::date - retain_days)::timestamp at time zone 'utc'
        and (d.xid, d.position) <= (c.xid, c.position);
  end $$`;

const INBOX = [
  `create sequence inbox_position`,
  `create table inbox (
     message_id uuid not null,
     handler text not null,
     lane text collate "C" not null,
     type text not null,
     source text not null,
     position bigint,
     due_at timestamptz,
     received_at timestamptz not null default clock_timestamp(),
     attempts int not null default 0,
     next_attempt_at timestamptz not null default '-infinity',
     claim uuid,
     claimed_until timestamptz not null default '-infinity',
     last_error text,
     parked_at timestamptz,
     done_at timestamptz,
     outcome text check (outcome in ('handled', 'discarded', 'assigned')),
     envelope json not null,
     primary key (message_id, handler)
   ) with (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02)`,
  `create index inbox_line on inbox (lane, position, handler) where done_at is null and position is not null`,
  `create index inbox_delayed on inbox (due_at) where done_at is null and position is null`,
  `create index inbox_parked on inbox (parked_at) where parked_at is not null and done_at is null`,
  `create index inbox_retries on inbox (next_attempt_at)
     where done_at is null and parked_at is null and next_attempt_at > '-infinity'`,
  `create index inbox_done on inbox (done_at) where done_at is not null`,
];

const EVENTS = [
  `create sequence event_position`,
  `create table event (
     stream_type text not null,
     stream_id text not null,
     version int not null check (version > 0),
     event_id uuid not null,
     type text not null,
     schema_version int not null,
     data json not null,
     metadata json not null,
     position bigint not null default nextval('event_position'),
     xid xid8 not null default pg_current_xact_id(),
     recorded_at timestamptz not null default clock_timestamp(),
     primary key (stream_type, stream_id, version))`,
  `create index event_in_commit_order on event (stream_type, xid, position)`,
  `create index event_by_principal on event ((metadata ->> 'by'), event_id) where metadata ->> 'by' is not null`,
  `create table snapshot (
     stream_type text not null,
     stream_id text not null,
     snapshot_version int not null,
     version int not null,
     state json not null,
     recorded_at timestamptz not null,
     taken_at timestamptz not null default clock_timestamp(),
     primary key (stream_type, stream_id, snapshot_version))`,
  `create table projection_generation (
     name text not null,
     stream_type text not null,
     generation int not null,
     live boolean not null,
     xid xid8 not null default '0',
     position bigint not null default 0,
     moved_at timestamptz,
     primary key (name, generation))`,
  `create unique index projection_live on projection_generation (name) where live`,
  `create function road_live(projection text) returns int language sql stable as
     $$ select generation from projection_generation where name = projection and live $$`,
];

/** Two rows per act: that it was asked for, written before it happens, and what came of it. */
const AUDIT = [
  `create table operator_action (
     action_id uuid not null,
     outcome text not null check (outcome in ('asked', 'done', 'nothing-to-do', 'failed')),
     at timestamptz not null default clock_timestamp(),
     who text not null,
     what text not null,
     target text not null,
     reason text,
     primary key (action_id, outcome))`,
  `create index operator_action_by_target on operator_action (target, action_id) where outcome = 'asked'`,
  `create index operator_action_by_principal on operator_action (who, action_id) where outcome = 'asked'`,
];

const SAGAS = [
  `create table saga (
     type text not null,
     id text not null,
     definition_version int not null,
     status text not null,
     step int not null,
     state json not null,
     reason text,
     asks int not null,
     stuck_at timestamptz,
     timer_id uuid not null,
     version int not null,
     started_at timestamptz not null default clock_timestamp(),
     updated_at timestamptz not null default clock_timestamp(),
     primary key (id, type))`,
  `create index saga_by_start on saga (started_at)`,
  `create index saga_live on saga (type, status) where status not in ('completed', 'compensated')`,
  `create index saga_stuck on saga (stuck_at) where stuck_at is not null`,
  `create table saga_timeline (
     type text not null,
     id text not null,
     version int not null,
     ordinal int not null,
     what text not null,
     step text,
     detail text,
     message_id uuid,
     at timestamptz not null default clock_timestamp(),
     primary key (id, type, version, ordinal))`,
];

const IDEMPOTENCY = [
  `create table idempotency (
     principal text not null,
     route text not null,
     key text not null,
     fingerprint text not null,
     result json not null,
     recorded_at timestamptz not null default clock_timestamp(),
     expires_at timestamptz not null,
     primary key (principal, route, key))`,
  `create index idempotency_expiry on idempotency (expires_at)`,
];

/** What was said is not unsaid: the app role may add to these and read them, nothing else. */
const APPEND_ONLY = `
  do $$ declare app text := current_schema() || '_app'; begin
    execute format('revoke update, delete, truncate on outbox, event, operator_action, saga_timeline from %I', app);
    execute format('revoke all on outbox_default from %I', app);
    execute format('grant execute on function road_roll_outbox(int, int) to %I', app);
  end $$`;

/** Today's partition is there before the first message. */
const FIRST_PARTITIONS = `select road_roll_outbox(2, 7)`;

const STATEMENTS = [
  CONFLICT,
  LEADERSHIP,
  SEEDED,
  ...OUTBOX,
  PARTITIONS,
  ...INBOX,
  ...EVENTS,
  ...AUDIT,
  ...SAGAS,
  ...IDEMPOTENCY,
  APPEND_ONLY,
  FIRST_PARTITIONS,
];
