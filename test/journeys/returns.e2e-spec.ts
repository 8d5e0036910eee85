import { randomUUID } from 'node:crypto';
import { type Answer, expectProblem, expecting } from '../support/client.js';
import { eventually, inParallel } from '../support/eventually.js';
import { expectInvariants, keepsItsWord } from '../support/invariants.js';
import { persistently } from '../support/persistently.js';
import type { Shop } from '../support/shop.js';
import { itWithRestarts, topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { OrderView, ReturnView } from '../support/views.js';

const PRICE = 1_000;

describe.each(topologies)('returns (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let sku: string;
  let other: string;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
    sku = await shop.sell({ amount: PRICE, onHand: 1_000 });
    other = await shop.sell({ amount: 250, onHand: 1_000 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  afterEach(() => shop.provider.clearFaults());
  keepsItsWord(() => shop, { traces: 0 });

  async function bought(quantity = 5, provider: 'acme' | 'globex' = 'acme'): Promise<OrderView> {
    const lines = [
      { sku, quantity },
      { sku: other, quantity: 1 },
    ];
    const { id } = await ada.placeOrder({ lines, provider });
    return ada.reached(id, 'completed');
  }

  /** Somebody else may be faster: the same request, with the same key, is sent again until it is decided. */
  async function decided(send: (key: string) => Promise<Answer<ReturnView>>): Promise<Answer<ReturnView>> {
    const key = randomUUID();
    return eventually(
      async () => {
        const answer = await send(key);
        return answer.status === 409 ? undefined : answer;
      },
      { what: 'the return is decided', withinMs: 20_000 },
    );
  }

  it.each(['acme', 'globex'] as const)('of a part bring the goods and the money back through %s', async (provider) => {
    const order = await bought(5, provider);
    const before = await shop.stock(sku);
    const answer = await ada.tryReturn(order.id, [{ sku, quantity: 2 }], { reason: 'too bitter' });
    expect(expecting(201, answer)).toEqual({
      id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f]{4}-7/),
      orderId: order.id,
      status: 'requested',
      lines: [{ sku, quantity: 2 }],
      amount: { amount: 2 * PRICE, currency: 'EUR' },
    });
    expect(answer.headers.get('location')).toBe(`/api/v1/orders/${order.id}/returns`);
    await shop.quiet();

    expect(await ada.returns(order.id)).toEqual([{ ...answer.body, status: 'refunded' }]);
    expect(await shop.stock(sku)).toMatchObject({ onHand: before.onHand + 2, reserved: 0 });
    expect(await ada.payment(order.id)).toMatchObject({ captured: 5 * PRICE + 250, refunded: 2 * PRICE });
    const given = (await shop.provider.ledger(order.id)).filter(({ operation }) => operation === 'refund');
    expect(given.map(({ amount, outcome }) => [amount, outcome])).toEqual([[2 * PRICE, 'done']]);
    expect((await ada.order(order.id)).status).toBe('completed');
    const told = (await ada.history(order.id)).filter(({ type }) => type.startsWith('return-'));
    expect(told.map(({ type }) => type)).toEqual(['return-requested', 'return-received', 'return-refunded']);
    expect(told[0]!.reason).toBe('too bitter');
    const news = await ada.get<{ items: { template: string; text: string }[] }>('/api/v1/notifications?limit=1');
    expect(news.body.items[0]).toMatchObject({ template: 'payment-refunded', text: 'We have refunded EUR 20.00.' });
  });

  it('of everything, one after the other, leave nothing to return', async () => {
    const order = await bought(3);
    for (const quantity of [1, 2]) {
      expecting(201, await decided((key) => ada.tryReturn(order.id, [{ sku, quantity }], { key })));
    }
    const both = [
      { sku, quantity: 1 },
      { sku: other, quantity: 1 },
    ];
    const problem = expectProblem(await ada.tryReturn(order.id, both), 422, 'return-refused');
    expect(problem.errors).toEqual([expect.objectContaining({ field: 'lines[0].quantity', rule: 'max' })]);
    expecting(201, await decided((key) => ada.tryReturn(order.id, [{ sku: other, quantity: 1 }], { key })));
    await shop.quiet();
    expect((await ada.returns(order.id)).map(({ status, amount }) => [status, amount.amount])).toEqual([
      ['refunded', PRICE],
      ['refunded', 2 * PRICE],
      ['refunded', 250],
    ]);
    expect(await ada.payment(order.id)).toMatchObject({ status: 'refunded', refunded: 3 * PRICE + 250 });
  });

  it('never take more than was bought, also when ten are asked for at once', async () => {
    const order = await bought(5, 'globex');
    const answers = await inParallel(Array.from({ length: 10 }), 10, () =>
      decided((key) => ada.tryReturn(order.id, [{ sku, quantity: 1 }], { key })),
    );
    expect(answers.map(({ status }) => status).sort()).toEqual([...Array(5).fill(201), ...Array(5).fill(422)]);
    await shop.quiet();
    const returns = await ada.returns(order.id);
    expect(returns.map(({ status }) => status)).toEqual(Array(5).fill('refunded'));
    expect(new Set(returns.map(({ id }) => id)).size).toBe(5);
    expect(await ada.payment(order.id)).toMatchObject({ refunded: 5 * PRICE });
  });

  it('are asked for once, however often the request is sent', async () => {
    const order = await bought();
    const key = randomUUID();
    const first = await ada.tryReturn(order.id, [{ sku, quantity: 1 }], { key });
    const again = await ada.tryReturn(order.id, [{ sku, quantity: 1 }], { key });
    expect([first.status, again.text]).toEqual([201, first.text]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect((await ada.tryReturn(order.id, [{ sku, quantity: 2 }], { key })).status).toBe(422);
    expectProblem(await ada.post(`/api/v1/orders/${order.id}/returns`, { lines: [{ sku, quantity: 1 }] }), 400);
    await shop.quiet();
    expect(await ada.returns(order.id)).toHaveLength(1);
  });

  it('of what is not there are refused', async () => {
    const bob = await shop.customer();
    const order = await bought();
    const one = [{ sku, quantity: 1 }];
    expectProblem(await bob.tryReturn(order.id, one), 404);
    expectProblem(await bob.get(`/api/v1/orders/${order.id}/returns`), 404);
    expectProblem(await ada.tryReturn(randomUUID(), one), 404);
    expectProblem(await ada.tryReturn(order.id, [{ sku: 'TEA-001', quantity: 1 }]), 422, 'return-refused');
    expectProblem(await ada.tryReturn(order.id, [{ sku, quantity: 6 }]), 422, 'return-refused');
    for (const lines of [[], [{ sku, quantity: 0 }], [...one, ...one], [{ sku, quantity: '1' }]]) {
      expectProblem(await ada.tryReturn(order.id, lines as never), 400);
    }
    const declined = await ada.placeOrder({ sku, token: 'tok_declined' });
    await ada.reached(declined.id, 'rejected');
    expectProblem(await ada.tryReturn(declined.id, one), 409, 'not-returnable');
    expect(await ada.returns(order.id)).toEqual([]);
  });

  it('come within thirty days or not at all', async () => {
    const order = await bought();
    const completedAgo = (interval: string) =>
      shop.database.query(
        `update orders.event set recorded_at = now() - $2::interval where stream_id = $1 and type = 'order-completed'`,
        [order.id, interval],
      );
    await completedAgo('31 days');
    expectProblem(await ada.tryReturn(order.id, [{ sku, quantity: 1 }]), 409, 'not-returnable');
    await completedAgo('29 days');
    expect((await ada.tryReturn(order.id, [{ sku, quantity: 1 }])).status).toBe(201);
  });

  it('go back to the customer when the money cannot be given back, and the pieces can be returned again', async () => {
    const order = await bought(2);
    const admin = await shop.admin();
    const payment = await ada.payment(order.id);
    expecting(201, await admin.refund(payment.id, { amount: 2 * PRICE, reason: 'a goodwill gesture' }));
    await shop.quiet();
    const before = await shop.stock(sku);
    const { id } = expecting(201, await ada.tryReturn(order.id, [{ sku, quantity: 2 }]));
    await shop.quiet();
    expect(await ada.returns(order.id)).toEqual([
      expect.objectContaining({ id, status: 'rejected', reason: 'refund refused: at most 250 can be refunded' }),
    ]);
    expect(await shop.stock(sku)).toEqual(before);
    const parcel = await shop.database.query(`select status from shipping.return_parcel where return_id = $1`, [id]);
    expect(parcel.rows).toEqual([{ status: 'sent-back' }]);
    expect((await ada.order(order.id)).status).toBe('completed');
    expect((await ada.tryReturn(order.id, [{ sku, quantity: 1 }])).status).toBe(201);
  });

  it('survive a provider that answers badly', async () => {
    const order = await bought();
    for (const kind of ['lose-reply', 'error500', 'truncated-json']) {
      await shop.provider.fault({ provider: 'acme', operation: 'refund', kind });
    }
    expecting(201, await ada.tryReturn(order.id, [{ sku, quantity: 3 }]));
    await shop.quiet();
    expect((await ada.returns(order.id))[0]!.status).toBe('refunded');
    const given = (await shop.provider.ledger(order.id)).filter(({ operation }) => operation === 'refund');
    expect(given.map(({ amount }) => amount)).toEqual([3 * PRICE]);
  }, 180_000);
});

describe.each(topologies)('returns and kill -9 (%s)', (topology) => {
  itWithRestarts(topology)(
    'lose nothing that was acknowledged, and give nothing back twice',
    async () => {
      await using shop = await topology.start();
      const ada = await shop.customer();
      const sku = await shop.sell({ amount: PRICE, onHand: 1_000 });
      const orders = await inParallel(Array.from({ length: 12 }), 4, (_, index) =>
        ada.placeOrder({ sku, quantity: 2, provider: index % 2 === 0 ? 'acme' : 'globex' }),
      );
      await shop.quiet();
      const acknowledged: ReturnView[] = [];
      const returning = inParallel(orders, 4, async ({ id }) => {
        const key = randomUUID();
        acknowledged.push(await persistently(201, () => ada.tryReturn(id, [{ sku, quantity: 1 }], { key }), 120_000));
      });
      for (const wanted of [2, 7]) {
        await eventually(() => acknowledged.length >= wanted, { what: `${wanted} returns under way`, everyMs: 2 });
        await shop.kill();
        await shop.restart();
      }
      await returning;
      await shop.quiet();
      await expectInvariants(shop, { traces: 0 });
      for (const { id, orderId } of acknowledged) {
        expect(await ada.returns(orderId)).toEqual([expect.objectContaining({ id, status: 'refunded' })]);
      }
    },
    240_000,
  );
});
