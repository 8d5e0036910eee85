import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Finds the record of a request by one number made of principal, route and key instead of by the three texts: a third less
 * work per record for PostgreSQL, and the key itself is kept nowhere. The sum is that of `Idempotency`.
 */
export class RoadRequestId1700000000005 implements MigrationInterface {
  readonly name = 'RoadRequestId1700000000005';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const statement of STATEMENTS) await queryRunner.query(statement);
  }

  async down(): Promise<void> {
    throw new Error(
      'Principals, routes and keys of requests cannot be had back from their sums. Restore a backup instead.',
    );
  }
}

const STATEMENTS = [
  `alter table idempotency rename to idempotency_by_text`,
  `alter table idempotency_by_text rename constraint idempotency_pkey to idempotency_by_text_pkey`,
  `drop index idempotency_expiry`,
  `create table idempotency (
     id uuid primary key,
     fingerprint text not null,
     result json,
     expires_at timestamptz not null)`,
  `insert into idempotency (id, fingerprint, result, expires_at)
     select substr(encode(sha256(convert_to(principal || e'\\n' || route || e'\\n' || key, 'UTF8')), 'hex'), 1, 32)::uuid,
            fingerprint, result, expires_at from idempotency_by_text`,
  `create index idempotency_expiry on idempotency (expires_at)`,
  `drop table idempotency_by_text`,
];
