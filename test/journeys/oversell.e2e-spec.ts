import { inParallel } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

describe.each(topologies)('the last pieces (%s)', (topology) => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await topology.start();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop);

  it('go to exactly ten of sixty buyers', async () => {
    const sku = await shop.sell({ onHand: 10 });
    const buyers = await inParallel(Array.from({ length: 12 }), 4, () => shop.customer());
    const orders = await inParallel(Array.from({ length: 60 }), 30, async (_, index) => {
      const buyer = buyers[index % buyers.length]!;
      return { buyer, order: await buyer.placeOrder({ sku, provider: index % 2 ? 'acme' : 'globex' }) };
    });
    await shop.quiet();
    const ended = await inParallel(orders, 10, async ({ buyer, order }) => buyer.order(order.id));
    expect(ended.filter(({ status }) => status === 'completed')).toHaveLength(10);
    const rejected = ended.filter(({ status }) => status === 'rejected');
    expect(rejected).toHaveLength(50);
    expect(new Set(rejected.map(({ reason }) => reason))).toEqual(new Set([`out of stock: ${sku}`]));
    expect(await shop.stock(sku)).toEqual({ sku, onHand: 0, reserved: 0, available: 0 });
  }, 180_000);

  it('of two products go to whole baskets only', async () => {
    const [left, right] = [await shop.sell({ onHand: 6 }), await shop.sell({ onHand: 6 })];
    const ada = await shop.customer();
    const orders = await inParallel(Array.from({ length: 12 }), 12, (_, index) => {
      // Opposite orders of lines: whoever locks one product first must not wait for the other for ever.
      const lines = [left, right].map((sku) => ({ sku, quantity: 1 }));
      return ada.placeOrder({ lines: index % 2 === 0 ? lines : lines.toReversed() });
    });
    await shop.quiet();
    const ended = await inParallel(orders, 6, ({ id }) => ada.order(id));
    expect(ended.filter(({ status }) => status === 'completed')).toHaveLength(6);
    expect([await shop.stock(left), await shop.stock(right)].map(({ onHand }) => onHand)).toEqual([0, 0]);
  }, 180_000);
});
