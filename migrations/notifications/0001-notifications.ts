import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Notifications1795132800001 implements MigrationInterface {
  readonly name = 'Notifications1795132800001';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      create table notification (
        message_id uuid primary key,
        recipient_id uuid not null,
        order_id uuid not null,
        template text not null,
        about_id uuid not null,
        text text not null,
        sent_at timestamptz not null default clock_timestamp(),
        constraint notification_told_once unique (about_id, template)
      )`);
    await queryRunner.query(`create index notification_of_recipient on notification (recipient_id, message_id desc)`);
    await queryRunner.query(`create table order_recipient (order_id uuid primary key, recipient_id uuid not null)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('drop table order_recipient');
    await queryRunner.query('drop table notification');
  }
}
