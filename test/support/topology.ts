import { jest } from '@jest/globals';
import { startApp } from '../../scripts/launch/app.mjs';
import { startMonolith } from '../../scripts/launch/shop.mjs';
import type { Support } from '../../scripts/launch/support.mjs';
import { type Processes, Shop, type ShopOptions } from './shop.js';

// Longer than `quiet` waits, so that its own message is seen and not the runner's.
jest.setTimeout(60_000);

/** One way to run the shop. The same tests run in each. */
export interface Topology {
  readonly name: string;
  start(options?: ShopOptions): Promise<Shop>;
  toString(): string;
}

const monolith: Processes = {
  start: ({ port, env, output }) =>
    startMonolith({ port, env, note: () => undefined } as unknown as Support, { output }),
  async prepare(databaseUrl, env, output) {
    const migrated = await startApp({ name: 'migrate', env, output }).exited;
    if (migrated !== 0) throw new Error(`The migrations failed with code ${migrated}`);
    const app = await monolith.start({ port: Number(env.PORT), env, output }); // its first start brings the seed data
    await app.stop();
  },
};

export const topologies: Topology[] = [topology('monolith', monolith)];

function topology(name: string, processes: Processes): Topology {
  return { name, start: (options = {}) => Shop.start(processes, options), toString: () => name };
}
