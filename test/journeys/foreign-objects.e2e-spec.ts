import { randomUUID } from 'node:crypto';
import { type Answer, type Problem, expectProblem } from '../support/client.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';

describe.each(topologies)("somebody else's (%s)", (topology) => {
  let shop: Shop;
  let ada: User;
  let eve: User;
  let hers: string;

  beforeAll(async () => {
    shop = await topology.start();
    [ada, eve] = await Promise.all([shop.customer(), shop.customer()]);
    hers = (await ada.placeOrder({ quantity: 2 })).id;
    await shop.quiet();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  const reads: [what: string, path: (id: string) => string][] = [
    ['order', (id) => `/api/v1/orders/${id}`],
    ['order as it was', (id) => `/api/v1/orders/${id}?asOf=2099-01-01T00:00:00Z`],
    ['history', (id) => `/api/v1/orders/${id}/history`],
    ['returns', (id) => `/api/v1/orders/${id}/returns`],
    ['payment', (id) => `/api/v1/payments?orderId=${id}`],
    ['shipment', (id) => `/api/v1/shipments?orderId=${id}`],
  ];

  /** What is left when everything is taken away that is different in any two answers. */
  const shapeOf = ({ status, body, headers }: Answer<Problem>, id: string) => ({
    status,
    body: JSON.parse(JSON.stringify({ ...body, traceId: '' }).replaceAll(id, 'ID')) as unknown,
    headers: [...headers.keys()].sort(),
  });

  it.each(reads)('%s looks like one that is not there', async (_what, path) => {
    expect((await ada.get(path(hers))).status).toBe(200);
    const nowhere = randomUUID();
    const [foreign, missing] = [await eve.get(path(hers)), await eve.get(path(nowhere))];
    expectProblem(foreign, 404);
    expect(shapeOf(foreign, hers)).toEqual(shapeOf(missing, nowhere));
  });

  it('order cannot be cancelled, and looks like one that is not there', async () => {
    const { id } = await ada.placeOrder({ token: 'tok_flaky' });
    const nowhere = randomUUID();
    const [foreign, missing] = [await eve.cancel(id), await eve.cancel(nowhere)];
    expectProblem(foreign, 404);
    expect(shapeOf(foreign as never, id)).toEqual(shapeOf(missing as never, nowhere));
    await shop.quiet();
    expect((await ada.order(id)).status).toBe('completed');
  });

  it('orders and messages are in nobody else’s list', async () => {
    expect((await eve.orders()).items).toEqual([]);
    expect((await eve.get<{ items: unknown[] }>('/api/v1/notifications')).body.items).toEqual([]);
    const mine = await ada.get<{ items: unknown[]; nextCursor: string }>('/api/v1/orders?limit=1');
    const page = await eve.get<{ items: unknown[] }>(`/api/v1/orders?cursor=${mine.body.nextCursor ?? ''}`);
    if (mine.body.nextCursor) expect(page.body.items).toEqual([]); // a cursor opens nothing
  });

  it('answer is not replayed to another one with the same key', async () => {
    const key = randomUUID();
    const first = await ada.placeOrder({ quantity: 3 }, key);
    const second = await eve.tryPlaceOrder({ quantity: 3 }, key);
    expect(second.status).toBe(201);
    expect(second.body.id).not.toBe(first.id);
    expect(second.headers.has('idempotency-replayed')).toBe(false);
  });

  it('order is open to the administrator', async () => {
    const admin = await shop.admin();
    for (const [, path] of reads) expect((await admin.get(path(hers))).status).toBe(200);
    expect((await admin.orders()).items.length).toBeGreaterThan(0);
  });

  it('order is not open to an operator: they see messages, not customers', async () => {
    const operator = await shop.operator();
    expectProblem(await operator.get(`/api/v1/orders/${hers}`), 404);
    const { body } = await operator.get<{ items: object[] }>('/ops/messages?state=done&limit=50');
    expect(body.items.length).toBeGreaterThan(0);
    expect(JSON.stringify(body)).not.toMatch(/shippingAddress|Compiler Lane|"token"|tok_/);
  });

  it('account cannot be had by headers', async () => {
    const headers = {
      'x-user-id': ada.id,
      'x-roles': 'admin',
      'x-forwarded-user': ada.id,
      'x-http-method-override': 'PUT',
    };
    expect((await eve.get<{ id: string }>('/api/v1/users/me', { headers })).body.id).toBe(eve.id);
    expectProblem(await eve.get(`/api/v1/orders/${hers}`, { headers }), 404);
  });
});
