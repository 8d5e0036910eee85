import { randomUUID } from 'node:crypto';
import { eventually, inParallel } from '../support/eventually.js';
import { expectInvariants } from '../support/invariants.js';
import { persistently } from '../support/persistently.js';
import { topologies } from '../support/topology.js';
import type { ReturnView } from '../support/views.js';

describe.each(topologies)('returns and kill -9 (%s)', (topology) => {
  it('lose nothing that was acknowledged, and give nothing back twice', async () => {
    await using shop = await topology.start();
    const ada = await shop.customer();
    const sku = await shop.sell({ onHand: 1_000 });
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
  }, 240_000);
});
