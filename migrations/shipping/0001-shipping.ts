import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Shipping1795132800001 implements MigrationInterface {
  readonly name = 'Shipping1795132800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    // Where it goes is the order's to know: personal data is asked for when a label is printed, never copied.
    await queryRunner.query(`
      create table shipment (
        shipment_id uuid primary key,
        order_id uuid not null unique,
        customer_id uuid not null,
        lines jsonb not null,
        carrier text not null,
        tracking_code text,
        prepared_at timestamptz not null default clock_timestamp(),
        dispatched_at timestamptz,
        constraint shipment_dispatched_with_a_code check ((tracking_code is null) = (dispatched_at is null))
      )`);
    await queryRunner.query(`
      create table return_parcel (
        return_id uuid primary key,
        order_id uuid not null,
        lines jsonb not null,
        carrier text not null,
        status text not null check (status in ('expected', 'received', 'called-off', 'sent-back')),
        tracking_code text,
        expected_at timestamptz not null default clock_timestamp(),
        changed_at timestamptz,
        constraint return_parcel_travels_with_a_code
          check ((status in ('received', 'sent-back')) = (tracking_code is not null))
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table return_parcel');
    await queryRunner.query('drop table shipment');
  }
}
