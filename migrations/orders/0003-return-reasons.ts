import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why something comes back, in the customer's own words: personal data, kept apart from the events like an address. */
export class ReturnReasons1795996800002 implements MigrationInterface {
  readonly name = 'ReturnReasons1795996800002';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table return_reason (
        order_id uuid not null,
        return_id uuid not null,
        words text not null,
        primary key (order_id, return_id))`);
    // The first version of the event had them in it, and is read without them from now on.
    await queryRunner.query(`
      insert into return_reason (order_id, return_id, words)
      select stream_id::uuid, (data->>'returnId')::uuid, data->>'reason' from event
      where stream_type = 'order' and type = 'return-requested' and schema_version = 1 and data->>'reason' is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table return_reason`);
  }
}
