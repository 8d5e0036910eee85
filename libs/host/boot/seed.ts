import type { INestApplicationContext } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { OwnRoad } from '../context/context.module.js';
import type { Seed } from '../context/context.js';
import type { MountedContext } from './mount.js';

/**
 * Puts the seed data of each context in, once per database, whoever starts first. A seed that was interrupted runs again.
 *
 * @returns whether anything was seeded now
 */
export async function seedOnce(app: INestApplicationContext, mounted: readonly MountedContext[]): Promise<boolean> {
  let seeded = false;
  for (const { context, module } of mounted) {
    if (!context.seed) continue;
    const inside = app.select(module);
    const { road } = inside.get(OwnRoad, { strict: true });
    if (await seedContext(road.database, inside.get(context.seed, { strict: true }))) seeded = true;
  }
  return seeded;
}

/** Milliseconds between two looks whether another process is done. */
const LOOK_EVERY_MS = 200;

/** Seeds one context, or waits until whoever is at it has. @returns whether it was seeded here */
export async function seedContext(database: OwnRoad['road']['database'], seed: Seed): Promise<boolean> {
  for (;;) {
    const seeded = await trySeed(database, seed);
    if (seeded !== 'another is at it') return seeded;
    await delay(LOOK_EVERY_MS);
  }
}

function trySeed(database: OwnRoad['road']['database'], seed: Seed): Promise<boolean | 'another is at it'> {
  return database.transaction(async (client) => {
    // Asks and asks again: a seed takes longer than the role may wait for a lock.
    const { rows } = await client.query<{ ours: boolean }>(
      `select pg_try_advisory_xact_lock(hashtext('holdfast seed'), hashtext(current_schema())) as ours`,
    );
    if (!rows[0]!.ours) return 'another is at it';
    const { rowCount } = await client.query('select from seeded');
    if (rowCount) return false;
    // The seed works on other connections; this one holds the lock meanwhile and says nothing.
    await client.query('set local idle_in_transaction_session_timeout to 0');
    await seed.seed();
    await client.query('insert into seeded default values');
    return true;
  });
}
