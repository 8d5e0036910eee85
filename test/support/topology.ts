import { jest } from '@jest/globals';
import { startApp } from '../../scripts/launch/app.mjs';
import { startMonolith } from '../../scripts/launch/shop.mjs';
import type { Elsewhere } from '../../scripts/topology/start-topology.mjs';
import { inFull } from './faults/report.js';
import { seedOf, writePartition } from './partition.js';
import { type Processes, Shop, type ShopOptions } from './shop.js';
import { supervised } from './supervised.js';

// Longer than `quiet` waits, so that its own message is seen and not the runner's.
jest.setTimeout(180_000);

/** One way to run the shop. The same tests run in each. */
export interface Topology {
  readonly name: string;
  start(options?: ShopOptions): Promise<Shop>;
  toString(): string;
}

export const monolith: Processes = {
  start: ({ port, env, output }) =>
    startMonolith({ origin: `http://127.0.0.1:${port}`, env, note: () => undefined }, { output }),
  async prepare(databaseUrl, env, output) {
    const migrated = await startApp({ name: 'migrate', env, output }).exited;
    if (migrated !== 0) throw new Error(`The migrations failed with code ${migrated}`);
    const app = await monolith.start({ port: Number(env.PORT), env, output }); // its first start brings the seed data
    await app.stop();
  },
};

/** The shop as a file says it: `topology/split.yaml`, or one that a test writes. */
export function topologyOf(name: string, file = `topology/${name}.yaml`, elsewhere?: Elsewhere): Topology {
  return topology(name, supervised(file, monolith.prepare, elsewhere));
}

/**
 * `TOPOLOGIES=monolith,split,partition:7` runs every journey in each of them; `partition` alone throws the dice. The name, which is
 * in every test's title, says how to have the same one again.
 */
export const topologies: Topology[] = (process.env.TOPOLOGIES ?? 'monolith').split(',').map(topologyNamed);

export function topologyNamed(name: string): Topology {
  if (name === 'monolith') return topology(name, monolith);
  if (!name.startsWith('partition')) return topologyOf(name);
  const seed = seedOf(name);
  return topologyOf(`partition:${seed}`, writePartition(seed));
}

/** `it` for a test that starts all processes again: in full everywhere, in `npm test` where there is but one. */
export const itWithRestarts = ({ name }: Topology) => (inFull || name === 'monolith' ? it : it.skip);

function topology(name: string, processes: Processes): Topology {
  return { name, start: (options = {}) => Shop.start(processes, options), toString: () => name };
}
