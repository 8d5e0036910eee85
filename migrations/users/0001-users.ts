import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Users1795132800001 implements MigrationInterface {
  readonly name = 'Users1795132800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    // E-mail addresses arrive case-folded, so plain uniqueness is enough.
    await queryRunner.query(`
      create table user_account (
        id uuid primary key,
        email text collate "C" not null constraint user_account_email unique,
        name text not null,
        roles text[] not null,
        registered_at timestamptz not null default clock_timestamp()
      )`);
    // Apart from the account: whoever reads accounts never meets a hash.
    await queryRunner.query(`
      create table credential (
        user_id uuid primary key references user_account on delete cascade,
        password_hash text not null,
        changed_at timestamptz not null default clock_timestamp()
      )`);
    await queryRunner.query(`
      create table session (
        id uuid primary key,
        user_id uuid not null references user_account on delete cascade,
        started_at timestamptz not null default clock_timestamp(),
        expires_at timestamptz not null,
        revoked_at timestamptz,
        revoked_because text check (revoked_because in ('logout', 'reuse')),
        constraint session_revoked_for_a_reason check ((revoked_at is null) = (revoked_because is null))
      )`);
    await queryRunner.query('create index session_of_user on session (user_id)');
    await queryRunner.query('create index session_revoked on session (revoked_at) where revoked_at is not null');
    await queryRunner.query(`
      create table refresh_token (
        id uuid primary key,
        session_id uuid not null references session on delete cascade,
        secret_hash text not null,
        expires_at timestamptz not null,
        used_at timestamptz
      )`);
    await queryRunner.query('create index refresh_token_of_session on refresh_token (session_id)');
    // jwk is the public half; the private half is sealed under a key that is not in the database.
    await queryRunner.query(`
      create table signing_key (
        generation integer primary key check (generation >= 1),
        kid text not null unique,
        jwk jsonb not null check (not jwk ? 'd'),
        sealed_private text not null,
        created_at timestamptz not null default clock_timestamp()
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const table of ['signing_key', 'refresh_token', 'session', 'credential', 'user_account']) {
      await queryRunner.query(`drop table ${table}`);
    }
  }
}
