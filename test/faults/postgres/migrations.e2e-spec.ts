import { setTimeout as pause } from 'node:timers/promises';
import { type RunningApp, startApp } from '../../../scripts/launch/app.mjs';
import { adminUrl, connectTo, dropDatabase, emptyDatabase } from '../../support/databases.js';
import { eventually } from '../../support/eventually.js';
import { migrated } from '../../support/faults/broken-ground.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { expectInvariants } from '../../support/invariants.js';
import { topologies } from '../../support/topology.js';

/** What the contexts' schemas consist of and who may use it, a line each. Partitions are named after their day. */
const SCHEMAS = `
  with contexts as (select table_schema as context from information_schema.tables where table_name = 'inbox')
  select line from (
    select format('%s.%s.%s %s %s', table_schema, table_name, column_name, data_type, column_default) as line
      from information_schema.columns where table_schema in (select context from contexts)
    union all select indexdef from pg_indexes where schemaname in (select context from contexts)
    union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid))
      from pg_constraint where connamespace::regnamespace::text in (select context from contexts)
    union all select format('%s.%s %s %s', table_schema, table_name, grantee, privilege_type)
      from information_schema.table_privileges where table_schema in (select context from contexts)
    union all select format('%s: %s', setrole::regrole, setconfig)
      from pg_db_role_setting where setdatabase = (select oid from pg_database where datname = current_database())
  ) schemas where line !~ '_[0-9]{8}' order by 1`;

describe('the schema is brought up to date while something goes wrong', () => {
  const report = faultReport('Migrations');
  const cleanUp = new AsyncDisposableStack();
  let untroubled: string;
  let codes: number[];

  beforeAll(async () => {
    untroubled = await freshDatabase();
    const atOnce = Array.from({ length: inFull ? 4 : 2 }, () => migrate(untroubled));
    codes = await Promise.all(atOnce.map(({ exited }) => exited));
  }, 120_000);
  afterAll(() => cleanUp.disposeAsync(), 60_000);

  async function freshDatabase(): Promise<string> {
    const name = await emptyDatabase();
    cleanUp.defer(() => dropDatabase(name));
    return adminUrl(name);
  }

  const migrate = (url: string): RunningApp =>
    startApp({ name: 'migrate', env: { DATABASE_URL: url }, output: 'ignore' });

  async function sellsThere(databaseUrl: string): Promise<void> {
    await using shop = await topologies[0]!.start({ databaseUrl });
    const customer = await shop.customer();
    const order = await customer.placeOrder({ sku: await shop.sell() });
    await customer.reached(order.id, 'completed');
    await expectInvariants(shop, { traces: 1 });
  }

  it('several at once: one works, the others wait', async () => {
    expect(codes).toEqual(codes.map(() => 0));
    expect(await contextsIn(untroubled)).toBe(8);
    if (inFull) await sellsThere(untroubled);
    report(`${codes.length} migrations at once`, 'all end well');
  }, 120_000);

  it('killed half-way, then run again: nothing is missing', async () => {
    const url = await freshDatabase();
    const kills = inFull ? 8 : 1;
    let cut = 0;
    for (let kill = 0; kill < kills; kill++) {
      const before = await contextsIn(url);
      const migrating = migrate(url);
      await eventually(async () => (await contextsIn(url)) > before || (await ended(migrating.exited)), {
        what: 'the migration has got somewhere',
        withinMs: 60_000, // a busy machine takes its time to start a process
        everyMs: 5,
      });
      await pause(Math.random() * 60); // somewhere in the middle of the next one
      migrating.kill();
      if ((await migrating.exited) !== 0) cut += 1;
    }
    expect(cut).toBeGreaterThan(0);
    await migrated(migrate(url));
    expect(await schemasIn(url)).toEqual(await schemasIn(untroubled));
    if (inFull) await sellsThere(url);
    report(`kill -9 of a migration, ${cut}×`, 'the next one ends well; the schemas are as if nothing had been');
  }, 400_000);

  async function contextsIn(url: string): Promise<number> {
    return (await linesOf(url, `select from information_schema.tables where table_name = 'inbox'`)).length;
  }

  async function schemasIn(url: string): Promise<string[]> {
    return (await linesOf(url, SCHEMAS)).map(({ line }) => line);
  }

  async function linesOf(url: string, sql: string): Promise<{ line: string }[]> {
    const probe = connectTo(url, 1);
    try {
      return (await probe.query<{ line: string }>(sql)).rows;
    } finally {
      await probe.end();
    }
  }

  const ended = async (exited: Promise<number>) =>
    (await Promise.race([exited, pause(0, 'running' as const)])) !== 'running';
});
