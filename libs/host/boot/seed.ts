import type { INestApplicationContext } from '@nestjs/common';
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

function seedContext(database: OwnRoad['road']['database'], seed: Seed): Promise<boolean> {
  return database.transaction(async (client) => {
    await client.query(`select pg_advisory_xact_lock(hashtext('holdfast seed'), hashtext(current_schema()))`);
    const { rowCount } = await client.query('select from seeded');
    if (rowCount) return false;
    await seed.seed();
    await client.query('insert into seeded default values');
    return true;
  });
}
