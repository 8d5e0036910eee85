import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lets housekeeping find the sessions and refresh tokens of people who never came back. */
export class SessionExpiry1795996800001 implements MigrationInterface {
  readonly name = 'SessionExpiry1795996800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('create index session_expiry on session (expires_at)');
    await queryRunner.query('create index refresh_token_expiry on refresh_token (expires_at)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop index session_expiry, refresh_token_expiry');
  }
}
