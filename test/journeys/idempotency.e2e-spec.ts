import { randomUUID } from 'node:crypto';
import { expectProblem, expecting } from '../support/client.js';
import { inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { User, orderOf } from '../support/user.js';
import type { OrderView, Tokens } from '../support/views.js';

interface Document {
  paths: Record<string, Record<string, { parameters?: { name: string }[] }>>;
}

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
    await shop.quiet(); // the list is a read model
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

  it('registers once, keeps no password, and is told apart by every field', async () => {
    const key = randomUUID();
    const body = { email: `${randomUUID()}@shoppers.example`, password: `pass-${randomUUID()}`, name: 'Ada Lovelace' };
    const register = (more: object = {}) => shop.post('/api/v1/users', { ...body, ...more }, { key });
    const first = await register();
    expect(first).toMatchObject({ status: 201, body: { email: body.email } });
    const again = await register();
    expect([again.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const other of [{ name: 'Grace' }, { password: 'another one altogether' }]) {
      expectProblem(await register(other), 422, 'idempotency-key-reused');
    }
    expectProblem(await shop.post('/api/v1/users', body, { key: randomUUID() }), 409, 'email-taken');
    const { email, password } = body;
    await User.logIn(shop.url, { email, password }, shop.confidential);
  });

  it('of an administrator is replayed, whatever happened since', async () => {
    const admin = await shop.admin();
    const changes = [
      ['/api/v1/products/{sku}/price', { amount: 1_234, currency: 'EUR' }, { amount: 99, currency: 'EUR' }],
      ['/api/v1/inventory/{sku}', { onHand: 777 }, { onHand: 7_777 }],
    ] as const;
    const product = await shop.sell({ onHand: 10 });
    for (const [path, change, later] of changes) {
      const key = randomUUID();
      const put = (body: object, options?: { key: string }) => admin.put(path.replace('{sku}', product), body, options);
      const first = await put(change, { key });
      expect(first.status).toBe(200);
      expect((await put(later)).status).toBe(200);
      const again = await put(change, { key });
      expect([again.status, again.text]).toEqual([200, first.text]);
      expect(again.headers.get('idempotency-replayed')).toBe('true');
      expectProblem(await put(later, { key }), 422, 'idempotency-key-reused');
    }
  });

  it('of a logout is replayed, and a login is never kept', async () => {
    const grace = await shop.customer();
    const key = randomUUID();
    const logIn = () => shop.post<Tokens>('/api/v1/auth/login', grace.credentials, { key });
    const [one, other] = [expecting(200, await logIn()), expecting(200, await logIn())];
    expect(one.refreshToken).not.toBe(other.refreshToken);
    const logOut = () => shop.post('/api/v1/auth/logout', { refreshToken: one.refreshToken }, { key });
    expect(await logOut()).toMatchObject({ status: 204, text: '' });
    const again = await logOut();
    expect(again).toMatchObject({ status: 204, text: '' });
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    for (const { accessToken, refreshToken } of [one, other]) {
      shop.confidential.add(accessToken);
      shop.confidential.add(refreshToken);
    }
  });

  it('takes a key wherever something changes, says the document', async () => {
    const { paths } = expecting(200, await shop.get<Document>('/docs-json'));
    const keyless = Object.entries(paths).flatMap(([path, operations]) =>
      Object.entries(operations)
        .filter(([method]) => method !== 'get')
        .filter(([, { parameters }]) => !parameters?.some(({ name }) => name === 'Idempotency-Key'))
        .map(([method]) => `${method} ${path}`),
    );
    expect(keyless.filter((route) => !route.includes(' /ops/')).sort()).toEqual([
      'post /api/v1/auth/login',
      'post /api/v1/auth/refresh',
      'post /api/v1/payments/webhooks/acme',
      'post /api/v1/payments/webhooks/globex',
    ]);
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
