import type { INestApplicationContext } from '@nestjs/common';
import { OwnRoad } from '../context/context.module.js';
import type { MountedContext } from './mount.js';

/** Puts the seed data of each context in, once per database. A seed that was interrupted runs again. */
export async function seedOnce(app: INestApplicationContext, mounted: readonly MountedContext[]): Promise<boolean> {
  let seeded = false;
  for (const { context, module } of mounted) {
    if (!context.seed) continue;
    const inside = app.select(module);
    const { database } = inside.get(OwnRoad, { strict: true }).road;
    if (await database.one('select at from seeded')) continue;
    await inside.get(context.seed, { strict: true }).seed();
    await database.read('insert into seeded default values on conflict do nothing');
    seeded = true;
  }
  return seeded;
}
