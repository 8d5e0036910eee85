import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Inventory1795132800001 implements MigrationInterface {
  readonly name = 'Inventory1795132800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table stock (
        sku text collate "C" primary key,
        on_hand integer not null,
        reserved integer not null check (reserved >= 0),
        shipped bigint not null check (shipped >= 0),
        version integer not null check (version >= 1),
        constraint stock_covers_what_is_reserved check (on_hand >= reserved)
      )`);
    await queryRunner.query(`
      create table reservation (
        order_id uuid primary key,
        state text not null check (state in ('reserved', 'secured', 'issued', 'released', 'expired', 'rejected')),
        lines jsonb not null,
        missing jsonb not null,
        expires_at timestamptz,
        version integer not null check (version >= 1),
        constraint reservation_expires check (state <> 'reserved' or expires_at is not null)
      )`);
    // What each version added to the counts: on_hand, reserved and shipped of a product are the sums of its movements.
    await queryRunner.query(`
      create table stock_movement (
        sku text collate "C" not null,
        version integer not null,
        kind text not null check (kind in ('adjust', 'reserve', 'release', 'issue', 'return')),
        on_hand integer not null,
        reserved integer not null,
        shipped integer not null,
        order_id uuid,
        return_id uuid,
        recorded_at timestamptz not null default clock_timestamp(),
        primary key (sku, version),
        constraint stock_movement_has_its_cause check (
          (kind = 'adjust') = (order_id is null) and (kind = 'return') = (return_id is not null))
      )`);
    await queryRunner.query(`
      create unique index stock_movement_once on stock_movement (order_id, sku, kind)
      where order_id is not null and return_id is null`);
    await queryRunner.query(`
      create unique index stock_returned_once on stock_movement (return_id, sku) where return_id is not null`);
    await queryRunner.query('revoke update, delete, truncate on stock_movement from inventory_app');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table stock_movement');
    await queryRunner.query('drop table reservation');
    await queryRunner.query('drop table stock');
  }
}
