import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets housekeeping find finished sagas and outdated snapshots by an index, and forget them. */
export class RoadRetention1700000000003 implements MigrationInterface {
  readonly name = 'RoadRetention1700000000003';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of [FINISHED, OUTDATED, FORGET, GRANT]) await queryRunner.query(statement);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function road_forget_sagas(int, int)');
    await queryRunner.query('drop index saga_finished, snapshot_by_version');
  }
}

const FINISHED = `create index saga_finished on saga (updated_at) where status in ('completed', 'compensated')`;
const OUTDATED = `create index snapshot_by_version on snapshot (stream_type, snapshot_version, taken_at)`;

/** The timeline is append-only for the app role, so its owner forgets it, and only together with its saga. */
const FORGET = `
  create function road_forget_sagas(retain_days int, most int) returns int
  language plpgsql security definer set search_path from current as $$
  declare forgotten int;
  begin
    with finished as materialized (
      select id, type from saga
      where status in ('completed', 'compensated') and updated_at < statement_timestamp() - make_interval(days => retain_days)
      order by updated_at limit most for update skip locked),
    lines as (
      delete from saga_timeline t using finished f where t.id = f.id and t.type = f.type),
    gone as (
      delete from saga s using finished f where s.id = f.id and s.type = f.type returning 1)
    select count(*) into forgotten from gone;
    return forgotten;
  end $$`;

const GRANT = `
  do $$ begin
    execute format('revoke all on function road_forget_sagas(int, int) from public');
    execute format('grant execute on function road_forget_sagas(int, int) to %I', current_schema() || '_app');
  end $$`;
