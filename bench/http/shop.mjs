// The real shop: its own process, everything the edge does switched on, logging to a file as it would to a collector.
import fs from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { freePort } from '../../scripts/launch/ports.mjs';
import { startShop } from '../../scripts/launch/shop.mjs';
import { until } from '../../scripts/launch/wait.mjs';
import { CLIENT_CORE, DATABASE_CORE, cpuOf, pin } from '../harness/processors.mjs';

/** Who takes part in placing an order. The purchase that follows it is other contexts' work, hours or days long elsewhere. */
const CONTEXTS = 'users,catalog,inventory,orders';
const TOKEN_MS = 240_000;

/** What the seeded shop sells, a thousand of each. */
export const SEEDED_SKUS = Array.from({ length: 20 }, (_, index) => `TEA-${String(index + 1).padStart(3, '0')}`);

/**
 * @param {string} [options.contexts] default those that take an order; '' is all of them
 * @param {string[]} [options.nodeArgs]
 * @param {Record<string, string>} [options.env]
 */
export async function openShop({ databaseUrl, dataDir, profiles, say, contexts = CONTEXTS, nodeArgs = [], env = {} }) {
  fs.rmSync(dataDir, { recursive: true, force: true });
  fs.mkdirSync(dataDir, { recursive: true });
  const log = fs.openSync(path.join(dataDir, 'shop.log'), 'w');
  const port = await freePort();
  const profiled = profiles ? ['--import', path.join(import.meta.dirname, 'profile-on-signal.mjs')] : [];
  const shop = await startShop({
    dataDir,
    port,
    databaseUrl,
    env: {
      ...(contexts && { CONTEXTS: contexts }),
      ...(profiles && { BENCH_PROFILE: path.join(profiles, `shop-${Date.now()}.cpuprofile`) }),
      ...env,
    },
    nodeArgs: [...nodeArgs, ...profiled],
    output: log,
    command: 'npm run bench',
    log: say,
  });
  pin(shop.app.pid, CLIENT_CORE);
  pin(shop.support.provider.app.pid, DATABASE_CORE);
  const database = new pg.Client({ connectionString: databaseUrl });
  await database.connect();
  const customer = await customerOf(shop.url);
  let ours = 0;
  const ask = async (text) => {
    ours++;
    return (await database.query(text)).rows[0];
  };

  return {
    port,
    url: shop.url,
    pid: shop.app.pid,
    cpu: () => cpuOf(shop.app.pid),
    warm: () => profiles && process.kill(shop.app.pid, 'SIGUSR2'),
    headers: async () => ({ authorization: `Bearer ${await customer.token()}` }),
    /** Resolves when the relay and the read model have caught up with what was written. */
    quiet: () => until(async () => (await ask(QUIET)).quiet, { withinMs: 60_000 }),
    counts: async () => numbers(await ask(COUNTS)),
    /** Statements of the shop so far, each one a transaction; those of the last second may be missing. */
    statements: async () => Number((await ask(TRANSACTIONS)).count) - ours,
    async stop() {
      await database.end();
      await shop.stop();
      fs.closeSync(log);
    },
  };
}

const QUIET = `select
  not exists (select from orders.outbox o, orders.relay_cursor c where (o.xid, o.position) > (c.xid, c.position)) and
  not exists (select from orders.event e, orders.projection_generation g
              where g.live and (e.xid, e.position) > (g.xid, g.position)) as quiet`;

const TRANSACTIONS = `select xact_commit + xact_rollback as count from pg_stat_database where datname = current_database()`;

const COUNTS = `select
  (select count(*) from orders.event where type = 'order-placed') as orders,
  (select coalesce(sum(json_array_length(data -> 'lines')), 0) from orders.event where type = 'order-placed') as lines,
  (select count(*) from orders.outbox where type = 'orders.order-placed.v1') as messages,
  (select count(*) from orders.order_address) as addresses,
  (select count(*) from orders.idempotency) as keys`;

const numbers = (row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, Number(value)]));

async function customerOf(url) {
  const post = async (route, body) => {
    const response = await fetch(`${url}/api/v1/${route}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    if (!response.ok) throw new Error(`POST ${route} answered ${response.status}: ${await response.text()}`);
    return response.json();
  };
  const email = 'bench@example.test';
  const password = `bench-${crypto.randomUUID()}`;
  await post('users', { email, password, name: 'Bench' });
  let session = { until: 0 };
  return {
    async token() {
      if (performance.now() > session.until) {
        const { accessToken } = await post('auth/login', { email, password });
        session = { accessToken, until: performance.now() + TOKEN_MS };
      }
      return session.accessToken;
    },
  };
}
