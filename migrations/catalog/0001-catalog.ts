import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Catalog1795132800001 implements MigrationInterface {
  readonly name = 'Catalog1795132800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table product (
        sku text collate "C" primary key,
        name text not null,
        price_amount bigint not null check (price_amount between 1 and 1000000000000000),
        price_currency text not null check (price_currency ~ '^[A-Z]{3}$'),
        version integer not null check (version >= 1)
      )`);
    // No foreign key: inventory may know a product before the catalog does.
    await queryRunner.query(`
      create table availability (
        sku text collate "C" primary key,
        available integer not null check (available >= 0),
        version integer not null check (version >= 1)
      )`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table availability');
    await queryRunner.query('drop table product');
  }
}
