import pg from 'pg';
import { contextsOf } from '../support/quiet.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

describe.each(topologies)('the walls between the schemas (%s)', (topology) => {
  let shop: Shop;
  let contexts: string[];
  let client: pg.Client;

  beforeAll(async () => {
    shop = await topology.start();
    contexts = await contextsOf(shop.database);
    client = new pg.Client({ connectionString: shop.env.DATABASE_URL });
    await client.connect();
  }, 180_000);
  afterAll(async () => {
    await client.end();
    await shop[Symbol.asyncDispose]();
  });

  /** The SQLSTATE of one statement run as one context's own login, undone afterwards; undefined when it is allowed. */
  async function tried(context: string, sql: string): Promise<string | undefined> {
    await client.query(`set session authorization ${context}_app; begin`);
    try {
      await client.query(sql);
      return undefined;
    } catch (error) {
      return (error as pg.DatabaseError).code;
    } finally {
      await client.query('rollback; reset session authorization');
    }
  }

  const DENIED = '42501';

  it('stand for every role before every foreign schema', async () => {
    expect(contexts).toHaveLength(8);
    const breaches: string[] = [];
    for (const role of contexts) {
      for (const schema of contexts.filter((one) => one !== role)) {
        for (const sql of [`select from ${schema}.outbox`, `insert into ${schema}.leadership values ('x', 1)`]) {
          const code = await tried(role, sql);
          if (code !== DENIED) breaches.push(`${role}: ${sql} → ${code ?? 'allowed'}`);
        }
      }
      expect(await tried(role, `select from ${role}.outbox`)).toBeUndefined(); // its own it may read
    }
    expect(breaches).toEqual([]);
  });

  it('let nobody change what was said or booked', async () => {
    const ofEach = { outbox: 'type', event: 'type', saga_timeline: 'message_id' };
    const tables = [
      ...contexts.flatMap((context) =>
        Object.entries(ofEach).map(([table, column]) => ({ own: `${context}.${table}`, column, context })),
      ),
      { context: 'payments', own: 'payments.ledger_entry', column: 'movement' },
      { context: 'inventory', own: 'inventory.stock_movement', column: 'kind' },
    ];
    const breaches: string[] = [];
    for (const { context, own, column } of tables) {
      const update = `update ${own} set ${column} = ${column}`;
      for (const sql of [update, `delete from ${own}`, `truncate ${own}`]) {
        const code = await tried(context, sql);
        if (code !== DENIED) breaches.push(`${sql} → ${code ?? 'allowed'}`);
      }
    }
    expect(breaches).toEqual([]);
  });

  it('cannot be climbed', async () => {
    const attempts = [
      'set role postgres',
      'set role orders_owner',
      'create table orders.mine (i int)',
      'create schema mine',
      'create table public.mine (i int)',
      'alter table orders.event disable trigger all',
      'drop table orders.event',
      `copy orders.event to program 'cat'`,
      `select pg_read_file('/etc/passwd')`,
      `alter role orders_app superuser`,
    ];
    const breaches: string[] = [];
    for (const sql of attempts) {
      const code = await tried('orders', sql);
      if (code !== DENIED) breaches.push(`${sql} → ${code ?? 'allowed'}`);
    }
    expect(breaches).toEqual([]);
  });

  it('give each login its own path and its own time limits', async () => {
    const { rows } = await shop.database.query<{ role: string; settings: string[] }>(
      `select setrole::regrole::text as role, setconfig as settings from pg_db_role_setting
       where setdatabase = (select oid from pg_database where datname = current_database())`,
    );
    for (const context of contexts) {
      const settings = rows.find(({ role }) => role === `${context}_app`)?.settings ?? [];
      expect(settings).toEqual(
        expect.arrayContaining([
          `search_path=${context}`,
          'statement_timeout=5s',
          'lock_timeout=500ms',
          'idle_in_transaction_session_timeout=5s',
          'enable_seqscan=off',
          'plan_cache_mode=force_generic_plan',
        ]),
      );
    }
  });
});
