import type { MigrationInterface, QueryRunner } from 'typeorm';

const LETTERS = `
  create function road_letters(after_xid xid8, after_position bigint, at_most int)
  returns table (xid text, "position" bigint, message_id uuid, type text, envelope text, below_horizon boolean)
  language plpgsql stable
  set plan_cache_mode = 'force_generic_plan' set enable_seqscan = off set enable_bitmapscan = off set enable_sort = off
  as $$ begin
    return query
      select o.xid::text, o.position, o.message_id, o.type, o.envelope::text, o.xid < pg_snapshot_xmin(pg_current_snapshot())
      from outbox o where (o.xid, o.position) > (after_xid, after_position) order by o.xid, o.position limit at_most;
  end $$`;

/**
 * What an outbox holds after a place, as `road_unread` gives it, with what it takes to address each message and the envelope
 * as a text that nobody needs to read. `road_unread` stays for processes of the version before this one.
 */
export class RoadLetters1700000000004 implements MigrationInterface {
  readonly name = 'RoadLetters1700000000004';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(LETTERS);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop function road_letters');
  }
}
