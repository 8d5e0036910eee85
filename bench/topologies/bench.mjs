// The same purchases in one process, in one per context, and in two groupings between: what does a process boundary cost?
// After the table of Service Weaver's HotOS'23 paper (11 services: 78 cores and 5.47 ms; 28 and 2.66 with a better wire; 9 and
// 0.38 in one process), on Node and with every order carried to its end.
import path from 'node:path';
import { atMost } from '../harness/goals.mjs';
import { DATABASE_CORE } from '../harness/processors.mjs';
import { median, percentile, spread } from '../harness/statistics.mjs';
import { TopologyUnderTest } from './shop.mjs';

const root = path.resolve(import.meta.dirname, '../..');
const FILES = {
  'one process': 'topology/monolith.yaml',
  two: 'bench/topologies/two.yaml',
  four: 'bench/topologies/four.yaml',
  split: 'topology/split.yaml',
};

/**
 * Orders every second of the steady part: what nine processes carry on two cores. Beyond that a queue grows, and a latency says
 * how long one looked at it.
 */
const PER_SECOND = 10;

export async function run(arena) {
  const lengths = arena.quick ? { warm: 20, steadyMs: 2_000, burst: 40 } : { warm: 150, steadyMs: 20_000, burst: 300 };
  const rounds = arena.quick ? 1 : 3;
  const server = await arena.disk();
  const load = await arena.enter({ module: 'topologies/load.mjs', core: DATABASE_CORE });
  const ordered = {};
  const shops = {};
  const entries = [];
  for (const [key, file] of Object.entries(FILES)) {
    const databaseUrl = await server.freshDatabase(`bench_topology_${key.replace(' ', '_')}`);
    const dataDir = path.join(root, 'bench/.data/topologies', key.replace(' ', '-'));
    const shop = new TopologyUnderTest({ file: path.join(root, file), databaseUrl, dataDir });
    shops[key] = shop;
    ordered[key] = 0;
    arena.onEnd(() => shop.stop());
    const count = ({ orders, refused }) => {
      ordered[key] += orders;
      for (const [status, answer] of Object.entries(refused))
        arena.violations.push(`${key} answered ${status}: ${answer}`);
    };
    const window = () => oneWindow({ shop, load, server, lengths, count });
    entries.push({ key, window, warmUp: async () => ({}) });
  }
  const measured = await arena.rounds('topologies', entries, { rounds, attempts: rounds + (arena.quick ? 0 : 1) });
  for (const [key, shop] of Object.entries(shops)) await verify({ arena, key, shop, orders: ordered[key] });
  report(arena, measured.samples);
}

/** Warm up, a steady rate for latency and CPU, a burst for throughput; the shop's processes live for this window only. */
async function oneWindow({ shop, load, server, lengths, count }) {
  await shop.start();
  try {
    const { port, token } = shop;
    const to = (what) => ({ port, token, runId: `${Date.now()}-${what}` });
    await load.call('call', { port });
    count(await load.call('burst', { orders: lengths.warm, ...to('warm') }));
    await shop.quiet();

    const position = await shop.position();
    const cpu = shop.cpu();
    const database = server.read();
    const steady = await load.call('steady', { ms: lengths.steadyMs, perSecond: PER_SECOND, ...to('steady') });
    const memoryMb = shop.memory();
    count(steady);
    await shop.quiet();
    const clientCpuUs = shop.cpu() - cpu;
    const postgresCpuUs = server.since(database);
    const purchases = await shop.purchasesSince(position);

    const began = performance.now();
    count(await load.call('burst', { orders: lengths.burst, ...to('burst') }));
    const answered = performance.now() - began;
    await shop.quiet();
    const seconds = (performance.now() - began) / 1_000;
    return {
      ops: lengths.burst,
      seconds,
      answersPerSecond: (lengths.burst * 1_000) / answered,
      processes: shop.processes,
      memoryMb,
      cpuSeconds: (clientCpuUs + postgresCpuUs) / 1_000 / steady.orders,
      postgresSeconds: postgresCpuUs / 1_000 / steady.orders,
      p50Ms: median(steady.took),
      p99Ms: percentile(steady.took, 0.99),
      purchaseP50Ms: median(purchases),
      purchaseP99Ms: percentile(purchases, 0.99),
    };
  } finally {
    await load.call('hangUp').catch(() => {});
    await shop.stop();
  }
}

/** Every acknowledged order has ended well, once: goods, money and parcels agree, and nothing was given up on. */
async function verify({ arena, key, shop, orders }) {
  const found = await shop.facts();
  const whole = { placed: orders, completed: orders, shipped: orders, pieces: orders, captured: orders };
  arena.check(key, found, { ...whole, reserved: 0, unequal: 0, parked: 0 });
}

function report(arena, samples) {
  const of = (key, figure) => spread(samples[key].map((sample) => sample[figure]));
  const against = (figure) =>
    spread(samples.split.map((sample, round) => sample[figure] / samples['one process'][round][figure]));
  const id = 'T';
  const whole = 'purchase, placed to completed, p99: split against one process';
  const note = `nine processes and NATS on the cores of one; ${PER_SECOND} orders/s`;
  arena.bar({ id, what: whole, goal: atMost(3), reached: against('purchaseP99Ms'), note });
  arena.bar({
    id,
    what: 'POST /orders answered, p99: split against one process',
    goal: atMost(3),
    reached: against('p99Ms'),
    note,
  });
  arena.info({ id, what: 'CPU per order: split against one process', reached: against('cpuSeconds') });
  const columns = [
    ['', (key) => key],
    ['processes', (key) => String(samples[key][0].processes)],
    ['completed/s', (key) => cell(spread(samples[key].map(({ ops, seconds }) => ops / seconds)))],
    ['answered/s', (key) => cell(of(key, 'answersPerSecond'))],
    ['answer p50 ms', (key) => cell(of(key, 'p50Ms'))],
    ['p99', (key) => cell(of(key, 'p99Ms'))],
    ['purchase p50 ms', (key) => cell(of(key, 'purchaseP50Ms'))],
    ['p99', (key) => cell(of(key, 'purchaseP99Ms'))],
    ['CPU s/1,000 orders', (key) => cell(of(key, 'cpuSeconds'))],
    ['of it PostgreSQL', (key) => cell(of(key, 'postgresSeconds'))],
    ['memory MB', (key) => cell(of(key, 'memoryMb'))],
  ];
  const rows = [
    columns.map(([head]) => head),
    ...Object.keys(FILES).map((key) => columns.map(([, text]) => text(key))),
  ];
  const widths = columns.map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  arena.notices.push(
    `Purchases by topology: at ${PER_SECOND}/s, and completed/s of a burst; medians of ${samples.split.length} rounds`,
    ...rows.map((row) => row.map((text, column) => text.padStart(widths[column])).join('  ')),
  );
}

const cell = ({ median: value }) => (value < 10 ? value.toFixed(2) : value.toFixed(0));
