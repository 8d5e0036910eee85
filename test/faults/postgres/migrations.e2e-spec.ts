import { setTimeout as pause } from 'node:timers/promises';
import { startApp } from '../../../scripts/launch/app.mjs';
import { freePort } from '../../../scripts/launch/ports.mjs';
import { absentProviders } from '../../support/absent-providers.js';
import { eventually } from '../../support/eventually.js';
import { migrated } from '../../support/faults/broken-ground.js';
import { OwnPostgres } from '../../support/faults/own-postgres.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { expectInvariants } from '../../support/invariants.js';
import { topologies } from '../../support/topology.js';

describe('the schema is brought up to date while something goes wrong', () => {
  const report = faultReport('Migrations and start-up');
  let postgres: OwnPostgres;

  beforeAll(async () => {
    postgres = await OwnPostgres.start();
  }, 180_000);
  afterAll(() => postgres.stop(), 60_000);

  async function freshDatabase(): Promise<string> {
    const name = `fresh_${Date.now().toString(36)}${Math.floor(Math.random() * 1e6)}`;
    await postgres.admin.query(`create database ${name}`);
    const url = new URL(postgres.url);
    url.pathname = `/${name}`;
    return url.href;
  }

  async function sellsThere(databaseUrl: string): Promise<void> {
    await using shop = await topologies[0]!.start({ databaseUrl });
    const customer = await shop.customer();
    const order = await customer.placeOrder({ sku: await shop.sell() });
    await customer.reached(order.id, 'completed');
    await expectInvariants(shop, { traces: 1 });
  }

  it('two at once: one works, the other waits', async () => {
    const url = await freshDatabase();
    const both = Array.from({ length: inFull ? 4 : 2 }, () => postgres.migrate('ignore', url));
    expect(await Promise.all(both.map(({ exited }) => exited))).toEqual(both.map(() => 0));
    if (inFull) await sellsThere(url);
    expect(await schemasIn(url)).toBe(8);
    report(`${both.length} migrations at once`, 'all end well');
  }, 120_000);

  it('killed half-way, then run again', async () => {
    const url = await freshDatabase();
    const kills = inFull ? 8 : 1;
    let cut = 0;
    for (let kill = 0; kill < kills; kill++) {
      const schemasBefore = await schemasIn(url);
      const migrating = postgres.migrate('ignore', url);
      await eventually(async () => (await schemasIn(url)) > schemasBefore || (await ended(migrating.exited)), {
        what: 'the migration has got somewhere',
        withinMs: 60_000, // a busy machine takes its time to start a process
        everyMs: 5,
      });
      await pause(Math.random() * 60); // somewhere in the middle of the next one
      migrating.kill();
      if ((await migrating.exited) !== 0) cut += 1;
    }
    expect(cut).toBeGreaterThan(0);
    await migrated(postgres.migrate('ignore', url));
    await sellsThere(url);
    report(`kill -9 of a migration, ${cut}×`, 'the next one ends well; the shop sells');
  }, 400_000);

  async function schemasIn(url: string): Promise<number> {
    const probe = postgres.connect(url);
    const { rows } = await probe.query<{ count: string }>(
      `select count(*) from information_schema.tables where table_name = 'inbox'`,
    );
    await probe.end();
    return Number(rows[0]!.count);
  }

  const ended = async (exited: Promise<number>) =>
    (await Promise.race([exited, pause(0, 'running' as const)])) !== 'running';

  /** What a start says that cannot succeed, and how it ends. */
  async function refusedStart(databaseUrl: string): Promise<{ code: number; said: string; ms: number }> {
    const began = performance.now();
    const env = { ...absentProviders, DATABASE_URL: databaseUrl, PORT: '0', LOG_LEVEL: 'warn' };
    const app = startApp({ name: 'monolith', env, output: 'pipe' });
    let said = '';
    app.child.stderr!.on('data', (chunk) => (said += chunk));
    app.child.stdout!.on('data', (chunk) => (said += chunk));
    const code = await app.exited;
    return { code, said, ms: Math.round(performance.now() - began) };
  }

  it('a start without PostgreSQL, without a schema or with a wrong password says what to do', async () => {
    const away = new URL(postgres.url);
    away.port = String(await freePort());
    const wrong = new URL(await freshDatabase());
    await migrated(postgres.migrate('ignore', wrong.href));
    wrong.password = 'not-the-password';
    const cases = [
      [away.href, /PostgreSQL cannot be reached .*ECONNREFUSED.*Start it, or correct DATABASE_URL/],
      [await freshDatabase(), /has not been migrated .*npm run migrate|refused the login/],
      [wrong.href, /PostgreSQL refused the login/],
    ] as const;
    for (const [url, message] of cases) {
      const { code, said, ms } = await refusedStart(url);
      expect(said).toMatch(message);
      expect(said).not.toContain('    at ');
      expect(code).toBe(1);
      expect(ms).toBeLessThan(60_000); // it gives up by itself
    }
    report('start: no server, no schema, wrong password', 'exit code 1 and what to do, no stack');
  }, 120_000);
});
