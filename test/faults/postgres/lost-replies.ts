import type { BrokenGround } from '../../support/faults/broken-ground.js';
import { expectKept, ordersTold, placeOrders, statusesOf } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { Passing } from '../../support/faults/tcp-proxy.js';

export function lostReplies(ground: () => BrokenGround): void {
  describe('PostgreSQL does it and nobody hears', () => {
    const report = faultReport('Replies lost after the commit');
    const orders = inFull ? 50 : 12;

    const writes = ({ statement }: Passing) => /^(with|insert|update|commit)/i.test(statement.trim());
    const everyNth = (n: number, which: (answered: Passing) => boolean) => {
      let count = 0;
      return (answered: Passing) => which(answered) && ++count % n === 0;
    };

    async function orderThrough(injected: string): Promise<void> {
      const { customer: by, sku, proxy } = ground();
      const [lostBefore, ordersBefore] = [proxy.swallowed, await ordersTold(ground().postgres.admin, by.id)];
      const placed = await placeOrders({ by, sku, count: orders, atOnce: 4 });
      const lost = proxy.swallowed - lostBefore;
      proxy.heal();
      await expectKept(by, placed);
      expect((await ordersTold(ground().postgres.admin, by.id)) - ordersBefore).toBe(placed.length); // none twice
      expect(lost).toBeGreaterThan(0);
      report(`${injected}: ${lost}`, `${placed.length} orders, each once; ${statusesOf(placed)}`);
    }

    itInFull(
      'every third commit of an order',
      async () => {
        ground().proxy.swallows = everyNth(3, (answered) => answered.user === 'orders_app' && writes(answered));
        await orderThrough('replies to a write of orders lost');
      },
      120_000,
    );

    it('every tenth write of anybody', async () => {
      ground().proxy.swallows = everyNth(inFull ? 10 : 6, writes);
      await orderThrough('replies to any write lost');
    }, 120_000);

    itInFull(
      'every twentieth statement of any kind',
      async () => {
        ground().proxy.swallows = everyNth(20, () => true);
        await orderThrough('replies to any statement lost');
      },
      120_000,
    );
  });
}
