import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Finds the latest sagas of a status without walking past all the others: few compensate, and just those are looked for in need. */
export class RoadSagaByStatus1700000000010 implements MigrationInterface {
  readonly name = 'RoadSagaByStatus1700000000010';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index saga_by_status on saga (status, started_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index saga_by_status');
  }
}
