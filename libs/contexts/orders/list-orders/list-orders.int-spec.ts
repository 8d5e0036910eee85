import { Database } from '@holdfast/data-consistency';
import { newId } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import type { OrderStatus } from '../domain/order.js';
import { OrdersOnPostgres, customer } from '../orders.fixture.js';
import { ListOrders, ListOrdersHandler } from './list-orders.js';

interface Explained {
  'QUERY PLAN': [{ Plan: { 'Shared Hit Blocks': number; 'Shared Read Blocks': number } }];
}

/** Counts the 8 kB blocks that its statements look at, planned for their values once and for any values once. */
class CountingDatabase extends Database {
  readonly blocks: number[] = [];

  override async read<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<Row[]> {
    const client = await this.pool.connect();
    const literals = values.map((value) => client.escapeLiteral(String(value)));
    await client.query(`prepare counted as ${text}`);
    for (const mode of ['force_custom_plan', 'force_generic_plan']) {
      await client.query(`set plan_cache_mode = ${mode}`);
      const explain = `explain (analyze, buffers, format json) execute counted(${literals.join()})`;
      const [explained] = (await client.query<Explained>(explain)).rows;
      const { Plan } = explained!['QUERY PLAN'][0];
      this.blocks.push(Plan['Shared Hit Blocks'] + Plan['Shared Read Blocks']);
    }
    client.release(true);
    return super.read<Row>(text, values);
  }
}

const ORDERS = 30_000;
const boss = { id: newId(), roles: ['admin'] };
const ada = customer();
const page = (status?: OrderStatus) => ({ limit: 20, ...(status && { status }) });

let shop: OrdersOnPostgres;

// Only the oldest five were rejected; the oldest four are Ada's, of whom one completed.
beforeAll(async () => {
  shop = await OrdersOnPostgres.start();
  await shop.rows(
    `insert into order_summary (generation, order_id, customer_id, status, amount, currency, version, placed_at)
     select 1, ('01930a5d-ac96-774b-bcce-' || lpad(n::text, 12, '0'))::uuid,
            case when n <= 4 then $1::uuid else gen_random_uuid() end,
            case when n <= 5 and n <> 2 then 'rejected' else 'completed' end, 900, 'EUR', 3, now()
     from generate_series(1, ${ORDERS}) n`,
    ada.id,
  );
});
afterAll(() => shop?.stop());

describe.each([
  ['never analysed', ''],
  ['analysed', 'analyze order_summary'],
])(`the list of ${ORDERS} orders, %s`, (_, before) => {
  beforeAll(() => before && asOwner(before));

  it.each([
    ['everybody', boss, undefined, 21, 40],
    ["everybody's that were rejected", boss, 'rejected', 4, 15],
    ["everybody's that nobody has placed", boss, 'placed', 0, 15],
    ["one customer's", ada, undefined, 4, 15],
    ["one customer's that were rejected", ada, 'rejected', 3, 15],
    ["one customer's that completed", ada, 'completed', 1, 15],
  ] as const)('%s: finds them without walking past the others', async (__, by, status, found, most) => {
    const database = new CountingDatabase(shop.pool);
    const list = new ListOrdersHandler(database, shop.road.readModels);
    const { items } = await list.execute(new ListOrders(page(status), by));
    expect(items).toHaveLength(Math.min(found, 20));
    expect(database.blocks).toHaveLength(2);
    expect(Math.min(...database.blocks)).toBeGreaterThan(0);
    expect(Math.max(...database.blocks)).toBeLessThanOrEqual(most);
  });
});

async function asOwner(statement: string): Promise<void> {
  const client = await shop.pool.connect();
  try {
    await client.query(`set role orders_owner`);
    await client.query(statement);
  } finally {
    client.release(true);
  }
}
