// The whole shop under a steady load for ten minutes (--minutes): its memory stays flat, and every purchase ends.
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { SEEDED_SKUS, openShop } from '../http/shop.mjs';
import { until } from '../../scripts/launch/wait.mjs';
import { atMost, exactly } from '../harness/goals.mjs';
import { median } from '../harness/statistics.mjs';
import { growth } from '../harness/trend.mjs';

const PER_SECOND = 10;
const SAMPLE_MS = 5_000;
/** Caches and pools fill up, code is compiled: what comes first says nothing. */
const WARM_UP = 0.3;
/** A leak of 100 bytes per order at this rate would be 0.6 MB in ten minutes; noise is about 1 %. */
const FLAT = 0.05;
const PATIENCE_MS = 180_000;
const RETRIES = 5;

const dataDir = path.resolve(import.meta.dirname, '../.data/soak');
const heapFile = path.join(dataDir, 'heap.jsonl');

/** One product after the other, so that none is sold out: a purchase goes all the way. */
const bodyOf = (turn) =>
  JSON.stringify({
    lines: [{ sku: SEEDED_SKUS[turn % SEEDED_SKUS.length], quantity: 1 }],
    paymentMethod: { provider: 'acme', token: 'tok_ok' },
    shippingAddress: {
      name: 'Ada Lovelace',
      street: '12 Square',
      city: 'London',
      postalCode: 'SW1Y 4JH',
      country: 'GB',
    },
  });

export async function run(arena) {
  const minutes = arena.options.minutes ?? (arena.quick ? 0.5 : 10);
  const server = await arena.disk();
  const databaseUrl = await server.freshDatabase('bench_soak');
  const shop = await openShop({
    databaseUrl,
    dataDir,
    contexts: '',
    env: { BENCH_HEAP: heapFile },
    nodeArgs: ['--expose-gc', '--import', path.join(import.meta.dirname, 'heap-reporter.mjs')],
    say: arena.say,
  });
  arena.onEnd(() => shop.stop());

  const { acknowledged, answers } = await load({
    shop,
    seconds: minutes * 60,
    say: (line) => arena.say(`soak ${line}`),
  });
  const ended = await purchasesOf(databaseUrl, acknowledged, (line) => arena.say(`soak ${line}`));
  arena.check('soak', ended, { purchases: acknowledged, unfinished: 0, parked: 0 });
  for (const [status, count] of Object.entries(answers)) {
    arena.say(`soak ${count} answers of ${status}`);
    const mayBe = status === '201' || (status === '503' && count <= acknowledged / 100); // some are shed on a busy machine
    if (!mayBe) arena.violations.push(`soak: ${count} orders were answered ${status}`);
  }

  const samples = heapSamples();
  const after = samples.slice(Math.ceil(samples.length * WARM_UP));
  const about = `${minutes} minutes, ${acknowledged} purchases`;
  for (const [figure, name] of [
    ['heap', 'heap after a collection'],
    ['rss', 'resident memory'],
  ]) {
    const grown = growth(after.map((sample) => ({ x: sample.seconds, y: sample[figure] })));
    const megabytes = median(after.map((sample) => sample[figure])) / 1e6;
    const what = `growth of the ${name} (${megabytes.toFixed(1)} MB), ${about}`;
    arena.bar({ id: 'S2', what, goal: atMost(100 * FLAT), reached: { median: 100 * grown }, unit: ' %' });
    if (!arena.quick && grown > FLAT) arena.violations.push(`soak: the ${name} grew by ${(100 * grown).toFixed(1)} %`);
  }
  arena.bar({
    id: 'S2',
    what: 'purchases that did not end',
    goal: exactly(0),
    reached: { median: ended.unfinished },
    unit: '',
  });
}

async function load({ shop, seconds, say }) {
  const answers = {};
  const started = performance.now();
  const orders = [];
  let nextSample = SAMPLE_MS;
  const total = Math.round(seconds * PER_SECOND);
  for (let turn = 0; turn < total; turn++) {
    const early = started + (turn * 1_000) / PER_SECOND - performance.now();
    if (early > 0) await pause(early);
    orders.push(
      order(shop, turn).then((status) => {
        answers[status] = (answers[status] ?? 0) + 1;
      }),
    );
    if (performance.now() - started < nextSample) continue;
    nextSample += SAMPLE_MS;
    process.kill(shop.pid, 'SIGUSR2');
    const last = heapSamples().at(-1);
    if (last && Math.round(nextSample / SAMPLE_MS) % 6 === 0) {
      say(
        `${Math.round((performance.now() - started) / 1_000)} s, ${turn + 1} orders, heap ${mb(last.heap)}, resident ${mb(last.rss)}`,
      );
    }
  }
  await Promise.all(orders);
  return { answers, acknowledged: answers['201'] ?? 0 };
}

/** The status of the answer. A machine that is busy with others may be told to come back later, also when it logs in. */
async function order(shop, turn) {
  const headers = await shop.headers().catch((error) => error);
  if (headers instanceof Error) return /answered 503/.test(headers.message) ? 503 : headers.message;
  const request = {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'idempotency-key': `soak-${turn}`, ...headers },
    body: bodyOf(turn),
  };
  for (let attempt = 1; ; attempt++) {
    try {
      const response = await fetch(`${shop.url}/api/v1/orders`, request);
      await response.arrayBuffer();
      return response.status;
    } catch (error) {
      if (attempt === RETRIES) return error.message;
      await pause(1_000 * attempt); // a lost connection: the key makes it safe to ask again
    }
  }
}

const mb = (bytes) => `${(bytes / 1e6).toFixed(1)} MB`;

function heapSamples() {
  if (!fs.existsSync(heapFile)) return [];
  return fs.readFileSync(heapFile, 'utf8').split('\n').filter(Boolean).map(JSON.parse);
}

/** Every purchase is completed or compensated at last, and nothing is parked anywhere. */
async function purchasesOf(databaseUrl, acknowledged, say) {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const read = async () => {
      const { rows } = await client.query(`select status, count(*)::int as count from checkout.saga group by status`);
      return Object.fromEntries(rows.map(({ status, count }) => [status, count]));
    };
    const ended = ({ completed = 0, compensated = 0 }) => completed + compensated;
    await until(async () => ended(await read()) >= acknowledged, { withinMs: PATIENCE_MS });
    const sagas = await read();
    say(
      `purchases: ${Object.entries(sagas)
        .map(([status, count]) => `${count} ${status}`)
        .join(', ')}`,
    );
    const { rows } = await client.query(
      `select table_schema as context from information_schema.tables where table_name = 'inbox'`,
    );
    let parked = 0;
    for (const { context } of rows) {
      const counted = await client.query(
        `select count(*)::int as count from ${context}.inbox where parked_at is not null and done_at is null`,
      );
      parked += counted.rows[0].count;
    }
    const all = Object.values(sagas).reduce((sum, count) => sum + count, 0);
    return { purchases: all, unfinished: all - ended(sagas), parked };
  } finally {
    await client.end();
  }
}
