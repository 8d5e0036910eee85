import { Database, Road, Road1700000000000, withConsistency, type MessageHandler } from '@holdfast/data-consistency';
import {
  InProcessConveyor,
  handlersOf,
  newId,
  seal,
  type AnyContract,
  type DataOf,
  type Message,
} from '@holdfast/messaging';
import { PriceChanged, ProductAdded } from '@holdfast/contracts/catalog';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { Orders1763600000000 } from '../../../migrations/orders/0001-orders.js';
import { AnswerShippingAddress } from './answer-shipping-address/answer-shipping-address.js';
import { CancelOrder, CancelOrderHandler } from './cancel-order/cancel-order.js';
import { CompleteOrder, ConfirmOrder, MarkReserved, RejectOrder } from './contracts/commands.js';
import { GetHistory, GetHistoryHandler } from './get-history/get-history.js';
import { GetOrder, GetOrderHandler } from './get-order/get-order.js';
import { ListOrders, ListOrdersHandler, OrdersQuery } from './list-orders/list-orders.js';
import { orderSummaries } from './list-orders/order-summaries.js';
import { OnPriceChanged } from './on-price-changed/on-price-changed.js';
import { OnProductAdded } from './on-product-added/on-product-added.js';
import { OrderStore } from './order.store.js';
import { PlaceOrder, PlaceOrderHandler } from './place-order/place-order.js';
import { PriceBook } from './price-book.js';
import { RecordProgress } from './record-progress/record-progress.js';

const admin = process.env.DATABASE_URL!;
const name = `orders_${newId().replaceAll('-', '')}`;
const url = Object.assign(new URL(admin), { pathname: `/${name}` }).href;

const ada = { id: newId(), roles: [] };
const bob = { id: newId(), roles: [] };
const boss = { id: newId(), roles: ['admin'] };
const shippingAddress = {
  name: 'Ada Lovelace',
  street: '12 Square',
  city: 'London',
  postalCode: 'SW1Y',
  country: 'GB',
};
const paymentMethod = { provider: 'acme', token: 'tok_ok' };

let pool: pg.Pool;
let road: Road;
let conveyor: InProcessConveyor;
let store: OrderStore;
let place: PlaceOrderHandler;
let get: GetOrderHandler;
let history: GetHistoryHandler;
let list: ListOrdersHandler;
let cancel: CancelOrderHandler;
const failures: unknown[] = [];

beforeAll(async () => {
  await onServer(admin, `create database ${name}`);
  await onServer(url, `create schema orders`, APP_ROLE, `grant usage on schema orders to orders_app`, DEFAULT_GRANTS);
  await migrate();

  pool = new pg.Pool({ connectionString: url, options: '-c search_path=orders -c role=orders_app' });
  const database = new Database(pool);
  conveyor = new InProcessConveyor();
  road = new Road({
    context: 'orders',
    database,
    conveyor,
    projections: [orderSummaries],
    observed: ({ error }) => error && failures.push(error),
    failed: (_, error) => failures.push(error),
  });
  store = new OrderStore(road.events, database);
  const prices = new PriceBook(database);
  place = new PlaceOrderHandler(road.work, prices, store);
  get = new GetOrderHandler(store);
  history = new GetHistoryHandler(store);
  list = new ListOrdersHandler(database, road.readModels);
  cancel = new CancelOrderHandler(road.work, store);
  road.connect([new RecordProgress(store), new OnProductAdded(prices), new OnPriceChanged(prices)].flatMap(handlersIn));
  road.start();

  await deliver(
    told(ProductAdded, { sku: 'TEA-001', name: 'Assam', price: { amount: 450, currency: 'EUR' }, version: 1 }),
    told(ProductAdded, { sku: 'TEA-002', name: 'Ceylon', price: { amount: 99, currency: 'EUR' }, version: 1 }),
    told(ProductAdded, { sku: 'TEA-USD', name: 'Sencha', price: { amount: 500, currency: 'USD' }, version: 1 }),
  );
});

afterAll(async () => {
  await road?.stopHandling();
  await road?.releaseLeadership();
  await pool?.end();
  await onServer(admin, `drop database if exists ${name} with (force)`);
});

afterEach(() => expect(failures).toEqual([]));

describe('placing an order', () => {
  it('takes the prices from the price book and tells the neighbours, without the address', async () => {
    const order = await order2Teas();
    expect(order).toMatchObject({ status: 'placed', total: { amount: 900, currency: 'EUR' }, version: 1 });
    expect(await emitted(order.id)).toEqual([
      {
        type: 'orders.order-placed.v1',
        data: {
          orderId: order.id,
          customerId: ada.id,
          lines: [{ sku: 'TEA-001', quantity: 2, price: { amount: 450, currency: 'EUR' } }],
          total: { amount: 900, currency: 'EUR' },
          paymentMethod,
        },
      },
    ]);
    const { rows } = await pool.query(`select data::text as data from event where stream_id = $1`, [order.id]);
    expect(rows[0].data).not.toContain('Lovelace');
  });

  it('keeps the address for whoever ships', async () => {
    const order = await order2Teas();
    expect(await new AnswerShippingAddress(store).answer({ orderId: order.id })).toEqual(shippingAddress);
    await expect(new AnswerShippingAddress(store).answer({ orderId: newId() })).rejects.toThrow('no shipping address');
  });

  it('names every line that nobody sells, and writes nothing', async () => {
    const before = await countOrders();
    const lines = [
      { sku: 'TEA-404', quantity: 1 },
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'TEA-405', quantity: 1 },
    ];
    const problem = await place.execute(placing({ lines })).catch((error) => error);
    expect(problem.getStatus()).toBe(422);
    expect(problem.errors.map(({ field }: { field: string }) => field)).toEqual(['lines[0].sku', 'lines[2].sku']);
    expect(await countOrders()).toBe(before);
  });

  it('refuses two currencies in one basket', async () => {
    const lines = [
      { sku: 'TEA-001', quantity: 1 },
      { sku: 'TEA-USD', quantity: 1 },
    ];
    const problem = await place.execute(placing({ lines })).catch((error) => error);
    expect(problem.getStatus()).toBe(422);
    expect(problem.errors[0]).toMatchObject({ field: 'lines[1].sku', rule: 'one-currency' });
  });
});

it('keeps the newest price, however late an older one arrives', async () => {
  const price = (amount: number) => ({ amount, currency: 'EUR' });
  await deliver(told(PriceChanged, { sku: 'TEA-002', price: price(120), version: 3 }));
  await deliver(told(PriceChanged, { sku: 'TEA-002', price: price(110), version: 2 }));
  const order = await place.execute(placing({ lines: [{ sku: 'TEA-002', quantity: 1 }] }));
  expect(order.total).toEqual(price(120));
});

describe('looking at an order', () => {
  it('shows it to its customer and to administrators, and to nobody else', async () => {
    const { id } = await order2Teas();
    expect(await get.execute(new GetOrder(id, ada))).toMatchObject({ id, status: 'placed', version: 1 });
    expect(await get.execute(new GetOrder(id, boss))).toMatchObject({ id });

    const missing = await get.execute(new GetOrder(newId(), bob)).catch((error) => error);
    const foreign = await get.execute(new GetOrder(id, bob)).catch((error) => error);
    expect(missing.getStatus()).toBe(404);
    expect([foreign.getStatus(), foreign.getResponse()]).toEqual([404, missing.getResponse()]);
    await expect(history.execute(new GetHistory(id, bob))).rejects.toThrow(foreign.message);
  });

  it('shows it as it was at any moment of its history', async () => {
    const { id } = await order2Teas();
    await deliver(told(MarkReserved, { orderId: id }));
    await deliver(told(RejectOrder, { orderId: id, reason: 'payment declined' }));

    const { items } = await history.execute(new GetHistory(id, ada));
    expect(items.map(({ version, type, reason }) => [version, type, reason])).toEqual([
      [1, 'order-placed', undefined],
      [2, 'order-reserved', undefined],
      [3, 'order-rejected', 'payment declined'],
    ]);
    for (const { at } of items) {
      const expected = items.filter((item) => item.at <= at).length;
      expect((await get.execute(new GetOrder(id, ada, at))).version).toBe(expected);
    }
    const dayBefore = new Date(Date.parse(items[0]!.at) - 86_400_000).toISOString();
    await expect(get.execute(new GetOrder(id, ada, dayBefore))).rejects.toMatchObject({ status: 404 });
  });
});

describe('the purchase going on', () => {
  it('records a step once, whatever is told twice or late, and tells the neighbours', async () => {
    const { id } = await order2Teas();
    const confirmation = told(ConfirmOrder, { orderId: id });
    await deliver(confirmation, confirmation, told(ConfirmOrder, { orderId: id }), told(MarkReserved, { orderId: id }));
    await deliver(told(CompleteOrder, { orderId: id }));
    expect(await get.execute(new GetOrder(id, ada))).toMatchObject({ status: 'completed', version: 3 });
    expect((await emitted(id)).map(({ type }) => type)).toEqual([
      'orders.order-placed.v1',
      'orders.order-confirmed.v1',
      'orders.order-completed.v1',
    ]);
  });
});

describe('cancelling an order', () => {
  it('happens once, however many ask at the same time', async () => {
    const { id } = await order2Teas();
    const answers = await Promise.all(Array.from({ length: 4 }, () => cancel.execute(new CancelOrder(id, ada))));
    for (const answer of answers) expect(answer).toMatchObject({ status: 'cancelled', version: 2 });
    expect((await emitted(id)).map(({ type }) => type)).toEqual([
      'orders.order-placed.v1',
      'orders.order-cancelled.v1',
    ]);
  });

  it('is for its customer and administrators only', async () => {
    const { id } = await order2Teas();
    await expect(cancel.execute(new CancelOrder(id, bob))).rejects.toMatchObject({ status: 404 });
    expect(await cancel.execute(new CancelOrder(id, boss))).toMatchObject({ reason: 'cancelled by the shop' });
  });

  it('is too late once the order is confirmed', async () => {
    const { id } = await order2Teas();
    await deliver(told(ConfirmOrder, { orderId: id }));
    await expect(cancel.execute(new CancelOrder(id, ada))).rejects.toMatchObject({
      status: 409,
      message: 'The order is already confirmed and on its way.',
    });
  });

  it('ends the purchase: a confirmation that comes later changes nothing', async () => {
    const { id } = await order2Teas();
    await cancel.execute(new CancelOrder(id, ada));
    await deliver(told(ConfirmOrder, { orderId: id }), told(RejectOrder, { orderId: id, reason: 'late' }));
    expect(await get.execute(new GetOrder(id, ada))).toMatchObject({
      status: 'cancelled',
      reason: 'cancelled by the customer',
      version: 2,
    });
  });
});

describe('listing orders', () => {
  it('shows own orders newest first, page by page, as soon as they are written', async () => {
    const eve = { id: newId(), roles: [] };
    const ids: string[] = [];
    await withConsistency(undefined, async () => {
      for (let n = 0; n < 5; n++) ids.unshift((await order2Teas(eve)).id);
      const first = await list.execute(new ListOrders(page({ limit: 2 }), eve));
      const second = await list.execute(new ListOrders(page({ limit: 2, cursor: first.nextCursor! }), eve));
      const third = await list.execute(new ListOrders(page({ limit: 2, cursor: second.nextCursor! }), eve));
      expect([first, second, third].flatMap(({ items }) => items.map(({ id }) => id))).toEqual(ids);
      expect(third.nextCursor).toBeNull();
      expect(first.items[0]).toMatchObject({ status: 'placed', total: { amount: 900, currency: 'EUR' }, version: 1 });
    });
  });

  it('filters by status and shows administrators everybody’s', async () => {
    const eve = { id: newId(), roles: [] };
    await withConsistency(undefined, async () => {
      const { id } = await order2Teas(eve);
      await order2Teas(eve);
      await cancel.execute(new CancelOrder(id, eve));
      const { items } = await list.execute(new ListOrders(page({ status: 'cancelled' }), eve));
      expect(items).toMatchObject([{ id, status: 'cancelled', reason: 'cancelled by the customer', version: 2 }]);

      const everybodys = await list.execute(new ListOrders(page({ limit: 100 }), boss));
      expect(everybodys.items.length).toBe(Math.min(100, await countOrders()));
      expect((await list.execute(new ListOrders(page({}), { id: newId(), roles: [] }))).items).toEqual([]);
    });
  });

  it('refuses a cursor it has not given', async () => {
    const cursor = Buffer.from('["1 or 1=1"]').toString('base64url');
    await expect(list.execute(new ListOrders(page({ cursor }), ada))).rejects.toMatchObject({ status: 400 });
  });
});

function placing(input: { lines: { sku: string; quantity: number }[] }, by = ada): PlaceOrder {
  return new PlaceOrder({ paymentMethod, shippingAddress, ...input }, by);
}

function order2Teas(by = ada) {
  return place.execute(placing({ lines: [{ sku: 'TEA-001', quantity: 2 }] }, by));
}

function page(query: Partial<OrdersQuery>): OrdersQuery {
  return Object.assign(new OrdersQuery(), query);
}

function told<Contract extends AnyContract>(contract: Contract, data: DataOf<Contract>): Message {
  return seal({ contract, data }, { source: 'test', time: new Date() });
}

/** Act, then wait until the inbox is empty. */
async function deliver(...messages: Message[]): Promise<void> {
  await conveyor.carry(messages);
  const deadline = Date.now() + 10_000;
  for (;;) {
    const { rows } = await pool.query(`select message_id from inbox where done_at is null limit 1`);
    if (rows.length === 0) return;
    if (Date.now() > deadline || failures.length > 0) throw new Error(`The inbox was not emptied: ${failures.join()}`);
  }
}

async function emitted(orderId: string): Promise<{ type: string; data: unknown }[]> {
  const { rows } = await pool.query(
    `select type, envelope -> 'data' as data from outbox where key = $1 order by xid, position`,
    [orderId],
  );
  return rows;
}

async function countOrders(): Promise<number> {
  const { rows } = await pool.query(`select count(distinct stream_id)::int as orders from event`);
  return rows[0].orders;
}

function handlersIn(provider: object): MessageHandler[] {
  return handlersOf(provider.constructor).map(({ method, name, contract }) => ({
    name,
    contract,
    lane: '',
    maxAttempts: 1,
    backoffMs: [1],
    handle: (...args) => (provider as Record<string, (...args: unknown[]) => unknown>)[method]!(...args),
  }));
}

const APP_ROLE = `
  do $$ begin create role orders_app; exception when duplicate_object or unique_violation then null; end $$`;
const DEFAULT_GRANTS = `
  alter default privileges in schema orders grant select, insert, update, delete on tables to orders_app;
  alter default privileges in schema orders grant usage on sequences to orders_app`;

async function migrate(): Promise<void> {
  const source = new DataSource({
    type: 'postgres',
    url,
    schema: 'orders',
    migrations: [Road1700000000000, Orders1763600000000],
    extra: { options: '-c search_path=orders' },
  });
  await source.initialize();
  await source.runMigrations();
  await source.destroy();
}

async function onServer(connectionString: string, ...statements: string[]): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}
