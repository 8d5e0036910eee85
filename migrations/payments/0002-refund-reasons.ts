import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Why money is given back, in the words of whoever did it: they may be about a person, so they are kept apart from the events. */
export class RefundReasons1795996800003 implements MigrationInterface {
  readonly name = 'RefundReasons1795996800003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table refund_reason (
        order_id uuid not null,
        refund_id uuid not null,
        words text not null,
        primary key (order_id, refund_id))`);
    // The first version of the event had them in it, and is read without them from now on.
    await queryRunner.query(`
      insert into refund_reason (order_id, refund_id, words)
      select stream_id::uuid, (data->>'refundId')::uuid, data->>'reason' from event
      where stream_type = 'payment' and type = 'refund-requested' and schema_version = 1 and data->>'reason' is not null`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table refund_reason`);
  }
}
