import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { type User, orderOf } from '../support/user.js';
import type { OrderView } from '../support/views.js';

describe.each(topologies)('the same request again (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
    sku = await shop.sell({ onHand: 1_000 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  let restarted = false;
  keepsItsWord(
    () => shop,
    () => ({ traces: restarted ? 1 : 3 }),
  ); // spans end with their process

  it('200 times at once has one effect', async () => {
    const grace = await shop.customer();
    const key = randomUUID();
    const answers = await inParallel(Array.from({ length: 200 }), 50, () => grace.tryPlaceOrder({ sku }, key));
    const fresh = answers.filter(({ status, headers }) => status === 201 && !headers.has('idempotency-replayed'));
    const replayed = answers.filter(({ status, headers }) => status === 201 && headers.has('idempotency-replayed'));
    const refused = answers.filter(({ status }) => status === 409);
    expect(fresh).toHaveLength(1);
    expect(fresh.length + replayed.length + refused.length).toBe(200);
    expect(new Set([...fresh, ...replayed].map(({ text }) => text)).size).toBe(1);
    for (const answer of refused) {
      expectProblem(answer, 409, 'request-in-flight');
      expect(answer.headers.get('retry-after')).toBe('1');
    }
    expect((await grace.orders()).items).toHaveLength(1);
  });

  it('is answered byte for byte alike, long after, with its Location', async () => {
    const key = randomUUID();
    const first = await ada.tryPlaceOrder({ sku, quantity: 2 }, key);
    await shop.quiet();
    const again = await ada.tryPlaceOrder({ sku, quantity: 2 }, key);
    expect(first.headers.has('idempotency-replayed')).toBe(false);
    expect(again.status).toBe(first.status);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(again.headers.get('location')).toBe(first.headers.get('location'));
    expect(again.headers.get('content-type')).toBe(first.headers.get('content-type'));
  });

  it('may have its members in another order', async () => {
    const key = randomUUID();
    const { lines, paymentMethod, shippingAddress } = orderOf({ sku });
    const first = await ada.post<OrderView>('/api/v1/orders', { lines, paymentMethod, shippingAddress }, { key });
    const again = await ada.post<OrderView>('/api/v1/orders', { shippingAddress, paymentMethod, lines }, { key });
    expect(again.text).toBe(first.text);
  });

  it('with another body is refused, and the first one stands', async () => {
    const key = randomUUID();
    const first = expecting(201, await ada.tryPlaceOrder({ sku }, key));
    expectProblem(await ada.tryPlaceOrder({ sku, quantity: 2 }, key), 422, 'idempotency-key-reused');
    expect(expecting(201, await ada.tryPlaceOrder({ sku }, key)).id).toBe(first.id);
  });

  it('of somebody else is another request', async () => {
    const grace = await shop.customer();
    const key = randomUUID();
    const [hers, his] = await Promise.all([ada.placeOrder({ sku }, key), grace.placeOrder({ sku }, key)]);
    expect(hers.id).not.toBe(his.id);
  });

  it('on another route is another request', async () => {
    const key = randomUUID();
    const { id } = await ada.placeOrder({ sku }, key);
    expect([200, 409]).toContain((await ada.cancel(id, key)).status);
  });

  it('of a cancellation is replayed', async () => {
    const { id } = await ada.placeOrder({ sku, token: 'tok_unknown_then_ok' });
    const key = randomUUID();
    const first = await ada.cancel(id, key);
    expect(first.status).toBe(200);
    const again = await ada.cancel(id, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
  });

  it('that was refused may be mended under the same key', async () => {
    const key = randomUUID();
    expectProblem(await ada.tryPlaceOrder({ sku, quantity: 0 }, key), 400);
    expectProblem(await ada.tryPlaceOrder({ sku: 'NO-SUCH-TEA' }, key), 422, 'unknown-product');
    expecting(201, await ada.tryPlaceOrder({ sku }, key));
  });

  it('needs a key where money moves', async () => {
    expectProblem(await ada.post('/api/v1/orders', orderOf({ sku })), 400, 'idempotency-key-missing');
    const refund = await (await shop.admin()).post(`/api/v1/payments/${randomUUID()}/refunds`, { amount: 1 });
    expectProblem(refund, 400, 'idempotency-key-missing');
  });

  it.each([
    ['empty', ''],
    ['too long', 'k'.repeat(256)],
    ['with a space', 'a key'],
    ['twice', 'one, two'],
  ])('needs a key that is one: not %s', async (_what, key) => {
    const answer = await ada.post('/api/v1/orders', orderOf({ sku }), { headers: { 'idempotency-key': key } });
    expectProblem(answer, 400, 'idempotency-key-invalid');
  });

  it('survives a restart of the shop', async () => {
    const key = randomUUID();
    const first = await ada.tryPlaceOrder({ sku }, key);
    await shop.stop();
    await shop.restart();
    restarted = true;
    const again = await ada.tryPlaceOrder({ sku }, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    const sample = await ada.placeOrder({ sku });
    await shop.quiet();
    expect((await ada.order(sample.id)).status).toBe('completed');
  });
});
