import type { MigrationInterface, QueryRunner } from 'typeorm';

const LETTERS = `
  create function road_letters(after_xid xid8, after_position bigint, at_most int, at_most_bytes bigint)
  returns table (xid text, "position" bigint, message_id uuid, type text, envelope text, below_horizon boolean)
  language plpgsql stable
  set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  as $$ declare bytes bigint := 0;
  begin
    for xid, "position", message_id, type, envelope, below_horizon in
      select o.xid::text, o.position, o.message_id, o.type, o.envelope::text, o.xid < pg_snapshot_xmin(pg_current_snapshot())
      from outbox o where (o.xid, o.position) > (after_xid, after_position) order by o.xid, o.position limit at_most
    loop
      return next;
      bytes := bytes + octet_length(envelope);
      exit when bytes >= at_most_bytes or not below_horizon;
    end loop;
  end $$`;

/**
 * `road_letters` with a second limit: it ends with the message that reaches it. A thousand of the largest messages would be half a
 * gigabyte in the memory of whoever reads them. It also ends with the first that is not settled, which tells all that the relay
 * can use: while somebody's transaction was open for long, every turn read a thousand to throw them away. The one without stays
 * for processes of the version before this one.
 */
export class RoadPageBytes1700000000009 implements MigrationInterface {
  readonly name = 'RoadPageBytes1700000000009';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(LETTERS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function road_letters(xid8, bigint, int, bigint)');
  }
}
