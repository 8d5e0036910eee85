import { randomUUID } from 'node:crypto';
import { expectProblem } from '../support/client.js';
import { inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { PaymentView } from '../support/views.js';

describe.each(topologies)('refunds (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let admin: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topology.start();
    [ada, admin] = await Promise.all([shop.customer(), shop.admin()]);
    sku = await shop.sell({ amount: 1_000 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  afterEach(() => shop.provider.clearFaults());
  keepsItsWord(() => shop);

  async function paid(provider: 'acme' | 'globex' = 'acme'): Promise<PaymentView> {
    const { id } = await ada.placeOrder({ sku, provider });
    await ada.reached(id, 'completed');
    return ada.payment(id);
  }

  it.each(['acme', 'globex'] as const)('of parts add up at %s', async (provider) => {
    const payment = await paid(provider);
    for (const amount of [300, 1, 699]) {
      const answer = await admin.refund(payment.id, { amount, reason: 'damaged on arrival' });
      expect(answer).toMatchObject({ status: 201, body: { id: expect.any(String), amount, status: 'requested' } });
    }
    await shop.quiet();
    const after = await ada.payment(payment.orderId);
    expect(after).toMatchObject({ captured: 1_000, refunded: 1_000, status: 'refunded' });
    expect(after.refunds.map(({ amount, status }) => [amount, status])).toEqual([
      [300, 'refunded'],
      [1, 'refunded'],
      [699, 'refunded'],
    ]);
    const given = (await shop.provider.ledger(payment.orderId)).filter(({ operation }) => operation === 'refund');
    expect(given.map(({ amount }) => amount).sort()).toEqual([1, 300, 699]);
    expect((await ada.order(payment.orderId)).status).toBe('completed');
  });

  it('never exceed what was captured', async () => {
    const payment = await paid();
    expectProblem(await admin.refund(payment.id, { amount: 1_001 }), 422, 'refund-too-large');
    expect((await admin.refund(payment.id, { amount: 600 })).status).toBe(201);
    const problem = expectProblem(await admin.refund(payment.id, { amount: 401 }), 422, 'refund-too-large');
    expect(problem.errors?.[0]?.field).toBe('amount');
    await shop.quiet();
    expect(await ada.payment(payment.orderId)).toMatchObject({ refunded: 600, status: 'captured' });
  });

  it('never exceed it either when twenty are asked for at once', async () => {
    const payment = await paid('globex');
    const answers = await inParallel(Array.from({ length: 20 }), 20, async () => {
      const key = randomUUID();
      for (;;) {
        const answer = await admin.refund(payment.id, { amount: 90 }, key);
        if (answer.status !== 409) return answer; // somebody else was faster: try again, under the same key
      }
    });
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(11);
    expect(answers.filter(({ status }) => status === 422)).toHaveLength(9);
    await shop.quiet();
    expect(await ada.payment(payment.orderId)).toMatchObject({ captured: 1_000, refunded: 990 });
    const given = (await shop.provider.ledger(payment.orderId)).filter(({ operation }) => operation === 'refund');
    expect(given).toHaveLength(11);
  });

  it('are given once, however often and however badly the provider is reached', async () => {
    const payment = await paid();
    for (const kind of ['lose-reply', 'error500', 'truncated-json']) {
      await shop.provider.fault({ provider: 'acme', operation: 'refund', kind });
    }
    const key = randomUUID();
    const first = await admin.refund(payment.id, { amount: 250 }, key);
    const again = await admin.refund(payment.id, { amount: 250 }, key);
    expect(again.text).toBe(first.text);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await admin.refund(payment.id, { amount: 251 }, key)).status).toBe(422);
    const second = await admin.refund(payment.id, { amount: 250 });
    expect(second.status).toBe(201);
    await shop.quiet();
    const given = (await shop.provider.ledger(payment.orderId)).filter(({ operation }) => operation === 'refund');
    expect(given.map(({ amount }) => amount)).toEqual([250, 250]);
  }, 180_000);

  it('are told to the customer', async () => {
    const payment = await paid();
    await admin.refund(payment.id, { amount: 450 });
    await shop.quiet();
    const { body } = await ada.get<{ items: { template: string; text: string }[] }>('/api/v1/notifications?limit=1');
    expect(body.items[0]).toMatchObject({ template: 'payment-refunded', text: 'We have refunded EUR 4.50.' });
  });

  it.each([
    ['nothing', { amount: 0 }],
    ['less than nothing', { amount: -1 }],
    ['half a cent', { amount: 0.5 }],
    ['text', { amount: '100' }],
    ['no amount', {}],
    ['another currency', { amount: 1, currency: 'USD' }],
    ['infinity', { amount: 1e300 }],
  ])('of %s are refused', async (_what, body) => {
    const payment = await paid();
    expectProblem(await admin.refund(payment.id, body), 400);
  });

  it('of a payment nobody knows are refused', async () => {
    expectProblem(await admin.refund(randomUUID(), { amount: 1 }), 404);
  });

  it('of an order that was not paid are refused', async () => {
    const { id } = await ada.placeOrder({ sku, token: 'tok_declined' });
    await shop.quiet();
    expectProblem(await admin.refund((await ada.payment(id)).id, { amount: 1 }), 422);
  });
});
