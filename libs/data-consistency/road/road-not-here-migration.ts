import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Counts apart how often in a row a message was tried by code that cannot handle it: what an old process does not know during
 * a deployment must not use up the attempts of the handler in the new one, nor the other way round. A process of the version
 * before goes on beside it: it names the columns it writes, and counts both in `attempts` as it did.
 */
export class RoadNotHere1700000000007 implements MigrationInterface {
  readonly name = 'RoadNotHere1700000000007';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table inbox add column not_here int not null default 0');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('alter table inbox drop column not_here');
  }
}
