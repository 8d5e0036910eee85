import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Orders1763600000000 implements MigrationInterface {
  readonly name = 'Orders1763600000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table price (
        sku text primary key,
        amount bigint not null check (amount >= 0),
        currency text not null,
        version int not null)`);

    // Personal data: kept apart from the events, so that it can be erased.
    await queryRunner.query(`
      create table order_address (
        order_id uuid primary key,
        name text not null,
        street text not null,
        city text not null,
        postal_code text not null,
        country text not null)`);

    await queryRunner.query(`
      create table order_summary (
        generation int not null,
        order_id uuid not null,
        customer_id uuid not null,
        status text not null,
        reason text,
        amount bigint not null,
        currency text not null,
        version int not null,
        placed_at timestamptz not null,
        primary key (generation, order_id))`);
    await queryRunner.query(
      `create index order_summary_of_customer on order_summary (generation, customer_id, order_id desc)`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`drop table order_summary`);
    await queryRunner.query(`drop table order_address`);
    await queryRunner.query(`drop table price`);
  }
}
