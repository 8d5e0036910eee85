import type { MigrationInterface } from 'typeorm';

/** The purchase lives in the road's saga tables; checkout has none of its own. */
export class Checkout1700000000001 implements MigrationInterface {
  readonly name = 'Checkout1700000000001';

  async up(): Promise<void> {}

  async down(): Promise<void> {}
}
