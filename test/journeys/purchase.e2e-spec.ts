import { randomUUID } from 'node:crypto';
import { expecting } from '../support/client.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import { type User, address } from '../support/user.js';
import type { OrderView, Page } from '../support/views.js';

describe.each(topologies)('a purchase (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
    sku = await shop.sell({ amount: 650 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  it.each(['acme', 'globex'] as const)('paid through %s goes all the way to completed', async (provider) => {
    const before = await shop.stock(sku);
    const order = await ada.placeOrder({ sku, quantity: 2, provider });
    expect(order).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      status: 'placed',
      total: { amount: 1_300, currency: 'EUR' },
      lines: [{ sku, quantity: 2, price: { amount: 650, currency: 'EUR' } }],
      version: 1,
    });
    await shop.quiet();

    expect(await ada.order(order.id)).toMatchObject({ status: 'completed', version: 6, total: order.total });
    expect((await ada.history(order.id)).map(({ type }) => type)).toEqual([
      'order-placed',
      'order-reserved',
      'order-authorised',
      'order-confirmed',
      'order-shipped',
      'order-completed',
    ]);
    expect(await shop.stock(sku)).toEqual({
      sku,
      onHand: before.onHand - 2,
      reserved: 0,
      available: before.available - 2,
    });
    expect(await ada.payment(order.id)).toMatchObject({
      provider,
      status: 'captured',
      amount: order.total,
      captured: 1_300,
      refunded: 0,
    });
    const shipments = await ada.shipments(order.id);
    expect(shipments).toEqual([expect.objectContaining({ orderId: order.id, status: 'dispatched' })]);
    expect(shipments[0]!.trackingCode).toEqual(expect.any(String));
  });

  it('answers with where the order is, and with a token for reading it', async () => {
    const placed = await ada.tryPlaceOrder({ sku });
    const order = expecting(201, placed);
    expect(placed.headers.get('location')).toBe(`/api/v1/orders/${order.id}`);
    const token = placed.headers.get('consistency-token');
    expect(token).toMatch(/^orders\.\d+$/);

    const headers = { 'consistency-token': token! };
    const list = await ada.get<Page<OrderView>>('/api/v1/orders?limit=1', { headers });
    expect(expecting(200, list).items.map(({ id }) => id)).toEqual([order.id]);
    expect((await ada.get(placed.headers.get('location')!, { headers })).status).toBe(200);
  });

  it('refuses a consistency token that is none', async () => {
    const answer = await ada.get('/api/v1/orders', { headers: { 'consistency-token': 'yesterday' } });
    expect(answer.status).toBe(400);
  });

  it('remembers what the order was at every moment', async () => {
    const { id } = await ada.placeOrder({ sku });
    await shop.quiet();
    const history = await ada.history(id);
    const statuses = ['placed', 'reserved', 'authorised', 'confirmed', 'shipped', 'completed'];
    for (const [index, { at, version }] of history.entries()) {
      const then = await ada.order(id, at);
      const next = history[index + 1]?.at;
      if (next !== at) expect(then).toMatchObject({ status: statuses[index], version });
    }
    const before = await ada.get(`/api/v1/orders/${id}?asOf=2020-01-01T00:00:00Z`);
    expect(before.status).toBe(404);
    expect((await ada.get(`/api/v1/orders/${id}?asOf=2026-02-30T00:00:00Z`)).status).toBe(400);
  });

  it('takes several products at once', async () => {
    const other = await shop.sell({ amount: 99 });
    const lines = [
      { sku, quantity: 1 },
      { sku: other, quantity: 3 },
    ];
    const order = await ada.placeOrder({ lines });
    expect(order.total).toEqual({ amount: 650 + 3 * 99, currency: 'EUR' });
    await shop.quiet();
    expect((await ada.order(order.id)).status).toBe('completed');
    expect(await shop.stock(other)).toMatchObject({ onHand: 97, reserved: 0 });
  });

  it('tells the customer, once, in order', async () => {
    const grace = await shop.customer();
    const { id } = await grace.placeOrder({ sku });
    await shop.quiet();
    type Notification = { template: string; orderId: string; text: string };
    const { items } = expecting(200, await grace.get<Page<Notification>>('/api/v1/notifications'));
    expect(items.map(({ template }) => template).toReversed()).toEqual([
      'order-confirmed',
      'shipment-dispatched',
      'order-completed',
    ]);
    expect(items.every(({ orderId }) => orderId === id)).toBe(true);
    expect(items[0]!.text).toContain('EUR 6.50');
  });

  it('is found in the list: newest first, page by page, by status', async () => {
    const grace = await shop.customer();
    const placed: string[] = [];
    for (let index = 0; index < 5; index++) placed.unshift((await grace.placeOrder({ sku })).id);
    await shop.quiet();
    expect((await grace.orders()).items.map(({ id }) => id)).toEqual(placed);

    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const page: Page<OrderView> = await grace.orders(`?limit=2${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
      expect(page.items.length).toBeLessThanOrEqual(2);
      seen.push(...page.items.map(({ id }) => id));
      cursor = page.nextCursor;
    }
    expect(seen).toEqual(placed);
    expect((await grace.orders('?status=completed')).items).toHaveLength(5);
    expect((await grace.orders('?status=rejected')).items).toEqual([]);
  });

  it('is one trace from the request to the last message, with no span missing', async () => {
    const { id } = await ada.placeOrder({ sku });
    await shop.quiet();
    const { spans } = await traceOf(shop, id);
    expect(spans.length).toBeGreaterThan(15);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
  });

  it.each([
    ['a product nobody sells', { lines: [{ sku: 'NO-SUCH-TEA', quantity: 1 }] }, 422, 'lines[0].sku'],
    [
      'a provider nobody knows',
      { paymentMethod: { provider: 'piggybank', token: 'tok_ok' } },
      400,
      'paymentMethod.provider',
    ],
    ['no lines', { lines: [] }, 400, 'lines'],
    ['an unknown line of an address', { shippingAddress: { planet: 'Mars' } }, 400, 'shippingAddress.planet'],
  ])('is refused with %s', async (_what, change, status, field) => {
    const body = {
      lines: [{ sku, quantity: 1 }],
      paymentMethod: { provider: 'acme', token: 'tok_ok' },
      ...change,
      shippingAddress: {
        ...address,
        ...('shippingAddress' in change && change.shippingAddress),
      },
    };
    const answer = await ada.post('/api/v1/orders', body, { key: randomUUID() });
    expect(answer.status).toBe(status);
    expect(answer.body.errors?.map((error) => error.field)).toContain(field);
  });
});
