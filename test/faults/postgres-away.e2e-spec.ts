import { randomUUID } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startApp } from '../../scripts/launch/app.mjs';
import { type RunningPostgres, startPostgres } from '../../scripts/postgres.mjs';
import { expectProblem } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { expectInvariants } from '../support/invariants.js';
import { persistently } from '../support/persistently.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

describe.each(topologies)('PostgreSQL is away for a while (%s)', (topology) => {
  let dataDir: string;
  let postgres: RunningPostgres;
  let shop: Shop;

  beforeAll(async () => {
    dataDir = mkdtempSync(path.join(os.tmpdir(), 'holdfast-away-'));
    chmodSync(dataDir, 0o755); // the server runs as another account when we are root
    postgres = await startPostgres({ dataDir });
    const migrated = startApp({ name: 'migrate', env: { DATABASE_URL: postgres.url }, output: 'ignore' });
    expect(await migrated.exited).toBe(0);
    shop = await topology.start({ databaseUrl: postgres.url });
  }, 180_000);
  afterAll(async () => {
    await shop[Symbol.asyncDispose]();
    await postgres.stop();
    rmSync(dataDir, { recursive: true, force: true });
  }, 180_000);

  it('the shop says 503, stays up, and goes on by itself', async () => {
    const ada = await shop.customer();
    const { pid } = shop;
    const before = [await ada.placeOrder(), await ada.placeOrder({ provider: 'globex' })];
    await postgres.stop();

    const key = randomUUID();
    for (let round = 0; round < 3; round++) {
      const answers = [
        await ada.tryPlaceOrder({}, key),
        await ada.get('/api/v1/orders'),
        await shop.get('/api/v1/products'),
      ];
      for (const answer of answers) {
        expectProblem(answer, 503);
        expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      }
    }
    // A restart of this process would help nobody, and taking it out of rotation neither.
    expect((await shop.get('/livez')).status).toBe(200);
    expect((await shop.get('/readyz')).status).toBe(200);
    expect((await shop.get('/healthz')).status).toBe(503);

    postgres = await startPostgres({ dataDir, port: postgres.port });
    const order = await persistently(201, () => ada.tryPlaceOrder({}, key), 30_000);
    await shop.quiet(60_000);
    for (const { id } of [...before, order]) expect((await ada.order(id)).status).toBe('completed');
    expect((await shop.get('/healthz')).status).toBe(200);
    expect(shop.pid).toBe(pid);
    await expectInvariants(shop, { traces: 1 });
  }, 180_000);

  it('and loses nothing when every connection is cut, again and again', async () => {
    const ada = await shop.customer();
    let placed = 0;
    const over = new AbortController();
    const shopping = (async () => {
      for (; !over.signal.aborted; placed++) {
        const key = randomUUID();
        await persistently(201, () => ada.tryPlaceOrder({ sku: 'TEA-002' }, key));
      }
    })();
    for (let round = 1; round <= 5; round++) {
      await eventually(() => placed >= round * 3, { what: 'orders under way' });
      await shop.database.query(`select pg_terminate_backend(pid) from pg_stat_activity where usename like '%\\_app'`);
    }
    over.abort();
    await shopping;
    await shop.quiet(60_000);
    const { items } = await ada.orders('?limit=100&status=completed');
    expect(items).toHaveLength(placed);
    expect(await shop.stock('TEA-002')).toMatchObject({ onHand: 1_000 - placed, reserved: 0 });
    await expectInvariants(shop, { traces: 1 });
  }, 180_000);
});
