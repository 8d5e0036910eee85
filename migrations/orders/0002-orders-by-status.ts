import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets an administrator's list of the orders in one status begin at the newest of them. */
export class OrdersByStatus1795996800000 implements MigrationInterface {
  readonly name = 'OrdersByStatus1795996800000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `create index order_summary_by_status on order_summary (generation, status, order_id desc)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop index order_summary_by_status`);
  }
}
