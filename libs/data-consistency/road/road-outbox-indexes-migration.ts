import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Nobody looks for a message in the outbox by its id, and each message paid for the index: a random place in it, and a page of log. */
export class RoadOutboxIndexes1700000000006 implements MigrationInterface {
  readonly name = 'RoadOutboxIndexes1700000000006';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index outbox_by_message');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index outbox_by_message on outbox (message_id)');
  }
}
