import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { eventually, inParallel } from '../support/eventually.js';
import { ordersTold } from '../support/faults/orders-under-fault.js';
import { faultReport, inFull, itInFull } from '../support/faults/report.js';
import { expectInvariants } from '../support/invariants.js';
import { persistently } from '../support/persistently.js';
import type { Shop } from '../support/shop.js';
import type { User } from '../support/user.js';

const ROUNDS = inFull ? 4 : 1;
const ORDERS_PER_ROUND = 16;

export function kill(running: () => Shop, topology: string): void {
  describe('kill -9 in the middle of everything', () => {
    const report = faultReport(`kill -9 in the middle of everything (${topology})`);
    let shop: Shop;
    let sku: string;

    beforeAll(async () => {
      shop = running();
      sku = await shop.sell({ onHand: 10_000 });
    }, 180_000);

    it('loses no order that was acknowledged, and charges nobody twice', async () => {
      const buyers = await inParallel(Array.from({ length: 4 }), 2, () => shop.customer());
      const acknowledged: { buyer: User; id: string; key: string }[] = [];
      const recoveries: number[] = [];
      const told = await ordersTold(shop.database);

      for (let round = 0; round < ROUNDS; round++) {
        const before = acknowledged.length;
        const shopping = inParallel(Array.from({ length: ORDERS_PER_ROUND }), 8, async (_, index) => {
          const buyer = buyers[index % buyers.length]!;
          const key = randomUUID();
          const provider = index % 2 === 0 ? 'acme' : 'globex';
          const token = index % 6 === 5 ? 'tok_unknown_then_ok' : 'tok_ok';
          const { id } = await persistently(201, () => buyer.tryPlaceOrder({ sku, provider, token }, key));
          acknowledged.push({ buyer, id, key });
          if (index % 8 === 7) await persistently([200, 409], () => buyer.cancel(id));
        });
        // Not before some are under way; then at any moment.
        await eventually(() => acknowledged.length >= before + 4, { what: 'orders under way' });
        await pause(randomInt(0, 120));
        await shop.kill();
        const killed = performance.now();
        await shop.restart();
        recoveries.push(Math.round(performance.now() - killed));
        await shopping;
      }

      await shop.quiet(60_000);
      await expectInvariants(shop, { traces: 0 }); // the spans of a killed process are gone
      const ended = await inParallel(acknowledged, 8, async ({ buyer, id }) => (await buyer.order(id)).status);
      expect(acknowledged).toHaveLength(ROUNDS * ORDERS_PER_ROUND);
      expect(new Set(ended)).toEqual(new Set(['completed', 'cancelled']));
      expect(new Set(acknowledged.map(({ id }) => id)).size).toBe(acknowledged.length); // one order per key
      expect((await ordersTold(shop.database)) - told).toBe(acknowledged.length); // and no order without an acknowledgement
      for (const { buyer, id, key } of acknowledged.filter((_, index) => index % 10 === 0)) {
        const answer = await buyer.tryPlaceOrder({ sku }, key);
        expect([201, 422]).toContain(answer.status); // the key is still known
        if (answer.status === 201) expect(answer.body.id).toBe(id);
      }
      report(
        `kill -9 ×${ROUNDS}`,
        `${acknowledged.length} orders, 0 lost; ready again within ${Math.max(...recoveries)} ms`,
      );
    }, 180_000);

    it('loses nothing either when it dies while the provider holds the answer back', async () => {
      const ada = await shop.customer();
      const operations = inFull ? (['authorise', 'capture'] as const) : (['capture'] as const);
      for (const operation of operations) {
        for (const provider of ['acme', 'globex'] as const) {
          await shop.provider.fault({ provider, operation, kind: 'slow-body', delayMs: 400, times: 3 });
        }
      }
      const orders = await inParallel(['acme', 'globex', 'acme', 'globex'] as const, 4, (provider) =>
        ada.placeOrder({ sku, provider }),
      );
      for (const operation of operations) {
        await eventually(
          async () =>
            (await shop.provider.ledger()).some(
              (entry) => entry.operation === operation && orders.some(({ id }) => id === entry.reference),
            ),
          { what: `the provider has done its ${operation}`, everyMs: 5 },
        );
        await shop.kill(); // it knows, we do not
        await shop.restart();
      }
      await shop.quiet(60_000);
      for (const { id } of orders) expect((await ada.order(id)).status).toBe('completed');
      await shop.provider.clearFaults();
      await expectInvariants(shop, { traces: 0 });
    }, 180_000);

    itInFull(
      'finds its data again after an ordinary stop',
      async () => {
        const ada = await shop.customer();
        const before = await ada.placeOrder({ sku });
        expect(await shop.stop()).toBe(0);
        await shop.restart();
        const after = await ada.placeOrder({ sku });
        await shop.quiet(60_000);
        for (const { id } of [before, after]) expect((await ada.order(id)).status).toBe('completed');
        expect((await ada.orders()).items.map(({ id }) => id)).toEqual([after.id, before.id]);
        await expectInvariants(shop, { traces: 1 });
      },
      180_000,
    );
  });
}
