import { NestFactory } from '@nestjs/core';
import type { Context } from '../context/context.js';
import { Roads } from '../context/roads.js';
import { composeProcess } from './composition.js';
import { connectContexts } from './mount.js';
import { seedOnce } from './seed.js';
import { explainAndExit } from './start-fault.js';

/** Seeds a fresh database and carries what that set off, without HTTP; does nothing to one that is seeded. */
export async function seedDatabase(contexts: readonly Context[]): Promise<void> {
  process.title = 'holdfast seed';
  try {
    const { module, mounted } = composeProcess('seed', contexts);
    const app = await NestFactory.createApplicationContext(module, { abortOnError: false, logger: ['error', 'warn'] });
    connectContexts(app, mounted);
    const roads = app.get(Roads);
    for (const road of roads.all()) road.start();
    const seeded = await seedOnce(app, mounted);
    await roads.quiet(30_000);
    await Promise.all(roads.all().map((road) => road.stopHandling()));
    await Promise.all(roads.all().map((road) => road.releaseLeadership()));
    await app.close();
    process.stdout.write(seeded ? '  seeded\n' : '  was seeded before; nothing to do\n');
    process.exit(0);
  } catch (error) {
    explainAndExit(error);
  }
}
