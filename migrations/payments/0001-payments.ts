import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Payments1763600000001 implements MigrationInterface {
  name = 'Payments1763600000001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table payment (
        payment_id uuid primary key,
        order_id uuid not null unique
      )`);

    await queryRunner.query(`
      create table ledger_entry (
        payment_id uuid not null references payment,
        movement text not null,
        line smallint not null,
        account text not null check (account in ('held-funds', 'customer-holds', 'provider-receivable', 'sales', 'refunds')),
        debit bigint not null check (debit between 0 and 1000000000000000),
        credit bigint not null check (credit between 0 and 1000000000000000),
        currency text not null check (currency ~ '^[A-Z]{3}$'),
        recorded_at timestamptz not null default clock_timestamp(),
        primary key (payment_id, movement, line),
        check ((debit = 0) <> (credit = 0))
      )`);

    // Books are corrected by another entry, never with an eraser: not even by the owner of the table.
    await queryRunner.query(`
      create function ledger_is_append_only() returns trigger language plpgsql as $$
      begin
        raise exception 'ledger entries are never changed' using errcode = 'restrict_violation';
      end $$`);
    await queryRunner.query(`
      create trigger ledger_entry_append_only before update or delete or truncate on ledger_entry
      for each statement execute function ledger_is_append_only()`);
    await queryRunner.query('revoke update, delete, truncate on ledger_entry from payments_app');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table ledger_entry');
    await queryRunner.query('drop function ledger_is_append_only');
    await queryRunner.query('drop table payment');
  }
}
