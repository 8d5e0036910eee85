import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Remembers which kind of conveyor the relay's cursor speaks of, so that another kind begins where it has to. */
export class RoadVia1700000000001 implements MigrationInterface {
  readonly name = 'RoadVia1700000000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`alter table relay_cursor add column via text not null default 'in-process'`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table relay_cursor drop column via');
  }
}
