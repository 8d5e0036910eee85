import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { eventually, inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { Page, ProductView } from '../support/views.js';

describe.each(topologies)('products and stock (%s)', (topology) => {
  let shop: Shop;
  let admin: User;
  let ada: User;

  beforeAll(async () => {
    shop = await topology.start();
    [admin, ada] = await Promise.all([shop.admin(), shop.customer()]);
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  const product = async (sku: string) => expecting(200, await shop.get<ProductView>(`/api/v1/products/${sku}`));

  it('are there from the start: twenty teas, a thousand of each', async () => {
    const { items, nextCursor } = (await shop.get<Page<ProductView>>('/api/v1/products?limit=100')).body;
    const teas = items.filter(({ sku }) => sku.startsWith('TEA-'));
    expect(teas.map(({ sku }) => sku)).toEqual(
      Array.from({ length: 20 }, (_, index) => `TEA-${String(index + 1).padStart(3, '0')}`),
    );
    expect(teas.every(({ available }) => available === 1_000)).toBe(true);
    expect(teas[0]).toEqual({
      sku: 'TEA-001',
      name: expect.any(String),
      price: { amount: expect.any(Number), currency: 'EUR' },
      available: 1_000,
    });
    expect(nextCursor).toBeNull();
    expect(await shop.stock('TEA-020')).toEqual({ sku: 'TEA-020', onHand: 1_000, reserved: 0, available: 1_000 });
  });

  it('are listed page by page, each once', async () => {
    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query: string = cursor && `&cursor=${encodeURIComponent(cursor)}`;
      const page: Page<ProductView> = (await shop.get<Page<ProductView>>(`/api/v1/products?limit=7${query}`)).body;
      seen.push(...page.items.map(({ sku }) => sku));
      cursor = page.nextCursor;
    }
    expect(seen.length).toBeGreaterThanOrEqual(20);
    expect(new Set(seen).size).toBe(seen.length);
  });

  it('can be added, stocked and bought', async () => {
    const sku = `NEW-${randomUUID().slice(0, 8).toUpperCase()}`;
    const created = await admin.post<ProductView>('/api/v1/products', {
      sku,
      name: 'Kaffee, zur Abwechslung ☕',
      price: { amount: 1_234, currency: 'JPY' },
    });
    expect(created).toMatchObject({
      status: 201,
      body: { sku, available: 0, price: { amount: 1_234, currency: 'JPY' } },
    });
    expect(created.headers.get('location')).toBe(`/api/v1/products/${sku}`);
    await shop.quiet();

    const { id: tooEarly } = await ada.placeOrder({ sku });
    await shop.quiet();
    expect(await ada.order(tooEarly)).toMatchObject({ status: 'rejected', reason: `out of stock: ${sku}` });

    expect(await admin.setStock(sku, 5)).toEqual({ sku, onHand: 5, reserved: 0, available: 5 });
    const { id } = await ada.placeOrder({ sku, quantity: 5, provider: 'globex' });
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'completed', total: { amount: 5 * 1_234, currency: 'JPY' } });
    expect(await product(sku)).toMatchObject({ name: 'Kaffee, zur Abwechslung ☕', available: 0 });
  });

  it('are added once', async () => {
    const body = { sku: 'TEA-001', name: 'Another', price: { amount: 1, currency: 'EUR' } };
    expectProblem(await admin.post('/api/v1/products', body), 409);
    expect((await product('TEA-001')).name).not.toBe('Another');
  });

  it('have a new price for new orders, and the old one for those already placed', async () => {
    const sku = await shop.sell({ amount: 500 });
    const before = await ada.placeOrder({ sku, quantity: 2 });
    expect(before.total.amount).toBe(1_000);
    const changed = await admin.put<ProductView>(`/api/v1/products/${sku}/price`, { amount: 750, currency: 'EUR' });
    expect(expecting(200, changed).price.amount).toBe(750);
    expect((await product(sku)).price.amount).toBe(750);
    await shop.quiet();

    const after = await ada.placeOrder({ sku, quantity: 2 });
    expect(after.total.amount).toBe(1_500);
    await shop.quiet();
    expect((await ada.order(before.id)).total.amount).toBe(1_000);
    expect((await ada.payment(before.id)).captured).toBe(1_000);
    expect((await ada.payment(after.id)).captured).toBe(1_500);
  });

  it('keep the last of many prices', async () => {
    const sku = await shop.sell({ amount: 100 });
    const changes = await inParallel(Array.from({ length: 12 }), 4, (_, index) =>
      admin.put<ProductView>(`/api/v1/products/${sku}/price`, { amount: 200 + index, currency: 'EUR' }),
    );
    expect(changes.every(({ status }) => status === 200 || status === 409)).toBe(true);
    await shop.quiet();
    const { price } = await product(sku);
    expect((await ada.placeOrder({ sku })).total).toEqual(price);
  });

  it('cannot be fewer than are promised to somebody', async () => {
    const sku = await shop.sell({ onHand: 10 });
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'error503', times: 2 });
    const { id } = await ada.placeOrder({ sku, quantity: 6 });
    await ada.reached(id, 'reserved', 'authorised', 'confirmed', 'shipped', 'completed');
    if ((await shop.stock(sku)).reserved === 6) {
      expectProblem(await admin.put(`/api/v1/inventory/${sku}`, { onHand: 5 }), 409);
    }
    await shop.quiet();
    expect(await admin.setStock(sku, 0)).toMatchObject({ onHand: 0, available: 0 });
  });

  it('change while they are sold, and every piece is accounted for', async () => {
    const sku = await shop.sell({ onHand: 50 });
    await Promise.all([
      inParallel(Array.from({ length: 20 }), 5, () => ada.placeOrder({ sku, quantity: 2 })),
      inParallel([60, 70, 80, 90, 100], 1, async (onHand) => {
        const answer = await admin.put(`/api/v1/inventory/${sku}`, { onHand });
        expect([200, 409, 503]).toContain(answer.status);
      }),
    ]);
    await shop.quiet();
    await eventually(async () => (await product(sku)).available === (await shop.stock(sku)).available, {
      what: 'the catalog knows',
    });
  }, 180_000);

  it('nobody has are nowhere', async () => {
    expectProblem(await shop.get('/api/v1/products/NO-SUCH-TEA'), 404);
    expectProblem(await shop.get('/api/v1/inventory/NO-SUCH-TEA'), 404);
    expectProblem(await admin.put('/api/v1/products/NO-SUCH-TEA/price', { amount: 1, currency: 'EUR' }), 404);
  });

  it('of two currencies do not go into one basket', async () => {
    const [euro, yen] = [await shop.sell({ currency: 'EUR' }), await shop.sell({ currency: 'JPY' })];
    const lines = [euro, yen].map((sku) => ({ sku, quantity: 1 }));
    const problem = expectProblem(await ada.tryPlaceOrder({ lines }), 422, 'basket-refused');
    expect(problem.errors?.[0]?.field).toBe('lines[1].sku');
  });

  it('cost no more than a number can hold', async () => {
    const sku = await shop.sell({ amount: 10 ** 15 });
    expectProblem(await ada.tryPlaceOrder({ sku, quantity: 1_000 }), 422, 'basket-refused');
    expect((await ada.placeOrder({ sku })).total.amount).toBe(10 ** 15);
  });
});
