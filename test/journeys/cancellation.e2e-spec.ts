import { inParallel } from '../support/eventually.js';
import { inFull } from '../support/faults/report.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';

const ORDERS = inFull ? 40 : 16;

describe.each(topologies)('cancelling (%s)', (topology) => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
    sku = await shop.sell({ onHand: 1_000 });
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  afterEach(() => shop.provider.clearFaults());
  keepsItsWord(() => shop);

  it('before it is confirmed gives everything back', async () => {
    await shop.provider.fault({ provider: 'acme', operation: 'authorise', kind: 'error503', times: 3 });
    const before = await shop.stock(sku);
    const { id } = await ada.placeOrder({ sku, quantity: 3 });
    const cancelled = await ada.cancel(id);
    expect(cancelled).toMatchObject({ status: 200, body: { id, status: 'cancelled', reason: expect.any(String) } });
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'cancelled', reason: 'cancelled by the customer' });
    expect(await shop.stock(sku)).toEqual(before);
  });

  it('again changes nothing and says the same', async () => {
    const { id } = await ada.placeOrder({ sku });
    const [first, ...more] = await inParallel([1, 2, 3, 4, 5], 5, () => ada.cancel(id));
    for (const answer of [first!, ...more]) expect([200, 409]).toContain(answer.status);
    const settled = await ada.order(id);
    const again = await ada.cancel(id);
    if (settled.status === 'cancelled')
      expect(again).toMatchObject({ status: 200, body: { version: settled.version } });
    await shop.quiet();
    const endings = (await ada.history(id)).filter(({ type }) => /cancelled|completed|rejected/.test(type));
    expect(endings).toHaveLength(1);
  });

  it('once it is completed is refused', async () => {
    const { id } = await ada.placeOrder({ sku });
    await shop.quiet();
    expect(await ada.cancel(id)).toMatchObject({ status: 409, body: { type: '/problems/too-late-to-cancel' } });
    expect((await ada.order(id)).status).toBe('completed');
  });

  it('by the shop is possible too, and says so', async () => {
    await shop.provider.fault({ provider: 'globex', operation: 'authorise', kind: 'error503', times: 3 });
    const { id } = await ada.placeOrder({ sku, provider: 'globex' });
    expect((await (await shop.admin()).cancel(id)).status).toBe(200);
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'cancelled', reason: 'cancelled by the shop' });
  });

  it(`${ORDERS} orders at any moment of their way ends each as cancelled or completed, never both`, async () => {
    const before = await shop.stock(sku);
    const tokens = ['tok_ok', 'tok_ok', 'tok_unknown_then_ok', 'tok_flaky'];
    const outcomes = await inParallel(Array.from({ length: ORDERS }), 10, async (_, index) => {
      const provider = index % 2 === 0 ? 'acme' : 'globex';
      const { id } = await ada.placeOrder({ sku, provider, token: tokens[index % tokens.length]! });
      // A moment is a state, not a time: some at once, some when reserved, some when authorised or later.
      if (index % 4 === 1) await ada.reached(id, 'reserved', 'authorised', 'confirmed', 'shipped', 'completed');
      if (index % 4 === 2) await ada.reached(id, 'authorised', 'confirmed', 'shipped', 'completed');
      for (let reads = 0; reads < index % 5; reads++) await ada.order(id);
      return { id, answer: await ada.cancel(id) };
    });
    await shop.quiet();

    const ended = await inParallel(outcomes, 4, async ({ id, answer }) => {
      const { status } = await ada.order(id);
      const types = new Set((await ada.history(id)).map(({ type }) => type));
      expect(types.has('order-cancelled') && types.has('order-completed')).toBe(false);
      expect(status).toBe(answer.status === 200 ? 'cancelled' : 'completed');
      return status;
    });
    const completed = ended.filter((status) => status === 'completed').length;
    expect(completed).toBeLessThan(ORDERS); // some were in time
    expect(await shop.stock(sku)).toMatchObject({ onHand: before.onHand - completed, reserved: 0 });
  }, 180_000);
});
