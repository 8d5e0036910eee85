// Bar 3: POST /api/v1/orders of the real shop, everything on, against the same writes with nothing on.
import path from 'node:path';
import { atLeast, atMost } from '../harness/goals.mjs';
import { DATABASE_CORE, cpuOf } from '../harness/processors.mjs';
import { paired } from '../harness/statistics.mjs';
import { openShop } from './shop.mjs';

const CONNECTIONS = 64;
const ROUTE = '/api/v1/orders';

const body = JSON.stringify({
  lines: [
    { sku: 'TEA-001', quantity: 2 },
    { sku: 'TEA-002', quantity: 1 },
    { sku: 'TEA-003', quantity: 5 },
  ],
  paymentMethod: { provider: 'acme', token: 'tok_ok' },
  shippingAddress: { name: 'Ada Lovelace', street: '12 Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
});

export async function run(arena) {
  const server = await arena.disk();
  const shop = await openShop({
    databaseUrl: await server.freshDatabase('bench_shop'),
    dataDir: path.resolve(import.meta.dirname, '../.data/shop'),
    profiles: arena.profiles,
    say: arena.say,
  });
  arena.onEnd(() => shop.stop());
  const nest = await peerOf(arena, 'peers/nest-typeorm.mjs', {
    adminUrl: await server.freshDatabase('bench_nest'),
    poolSize: 16,
  });
  const fastify = await peerOf(arena, 'peers/fastify-pg.mjs', {
    adminUrl: await server.freshDatabase('bench_fastify'),
    poolSize: 16,
  });
  await server.checkpoint();

  const targets = { shop, nest, fastify };
  const acknowledged = { shop: 0, nest: 0, fastify: 0 };
  const entries = [];
  for (const [key, target] of Object.entries(targets)) {
    const settings = { port: target.port, path: ROUTE, connections: CONNECTIONS };
    const load = await arena.enter({ module: 'http/load.mjs', settings, core: DATABASE_CORE });
    const window = (ms) => oneWindow({ ms, key, target, load, server, acknowledged, arena });
    const warmUp = async () => {
      const sample = await window(arena.quick ? 3_000 : 10_000);
      target.warm?.();
      return sample;
    };
    entries.push({ key, window, warmUp });
  }
  const before = { statements: await shop.statements(), orders: acknowledged.shop };
  const measured = await arena.rounds('http', entries, { windowMs: arena.quick ? 700 : 1_500 });
  measured.roundTrips.shop = ((await shop.statements()) - before.statements) / (acknowledged.shop - before.orders);

  arena.check('shop', await shop.counts(), {
    ...expected(acknowledged.shop),
    addresses: acknowledged.shop,
    keys: acknowledged.shop,
  });
  for (const key of ['nest', 'fastify']) arena.check(key, await targets[key].counts(), expected(acknowledged[key]));

  const ours = { measured, key: 'shop', figure: 'rate' };
  const note = 'the shop also reads its prices, checks token and key, keeps the address, relays and projects';
  arena.ratio({
    id: '3',
    what: 'POST /orders, all on, against Nest+Fastify+TypeORM, none on',
    goal: atLeast(5),
    peer: 'nest',
    ...ours,
    note,
  });
  arena.ratio({
    id: '3',
    what: 'its Node CPU per order, relay and read model included',
    goal: atMost(0.15),
    peer: 'nest',
    ...ours,
    figure: 'clientCpu',
    note,
  });
  arena.info({
    id: '3',
    what: 'POST /orders against bare Fastify + pg',
    reached: paired(measured.samples, 'shop', 'fastify', 'rate'),
  });
}

const expected = (orders) => ({ orders, lines: 3 * orders, messages: orders });

/** CPU is counted until the last order has been relayed and projected; the rate ends with the last answer. */
async function oneWindow({ ms, key, target, load, server, acknowledged, arena }) {
  const headers = await target.headers();
  const cpu = target.cpu();
  const database = server.read();
  const sample = await load.call('window', { ms, headers, body, runId: `${process.pid}-${key}` });
  await target.quiet();
  for (const [status, answer] of Object.entries(sample.refused))
    arena.violations.push(`${key} answered ${status}: ${answer}`);
  acknowledged[key] += sample.ops;
  return { ...sample, clientCpuUs: target.cpu() - cpu, postgresCpuUs: server.since(database) };
}

async function peerOf(arena, module, settings) {
  const peer = await arena.enter({ module, settings });
  const port = await peer.call('port');
  return {
    port,
    cpu: () => cpuOf(peer.pid),
    headers: async () => ({}),
    quiet: async () => {},
    counts: () => peer.call('counts'),
  };
}
