import { randomUUID } from 'node:crypto';
import { expectProblem } from '../../support/client.js';
import { eventually } from '../../support/eventually.js';
import type { BrokenGround } from '../../support/faults/broken-ground.js';
import { inFull } from '../../support/faults/report.js';
import { persistently } from '../../support/persistently.js';

export function away(ground: () => BrokenGround): void {
  describe('PostgreSQL is away for a while', () => {
    it('the shop says 503, stays up, and goes on by itself', async () => {
      const { postgres, shop } = ground();
      const ada = await shop.customer();
      const before = [await ada.placeOrder(), await ada.placeOrder({ provider: 'globex' })];
      const key = randomUUID();
      await postgres.away(async () => {
        for (let round = 0; round < 3; round++) {
          const answers = [
            await ada.tryPlaceOrder({}, key),
            await ada.get('/api/v1/orders'),
            await shop.get('/api/v1/products'),
          ];
          for (const answer of answers) {
            expectProblem(answer, 503);
            expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
          }
        }
        // A restart of this process would help nobody, and taking it out of rotation neither.
        expect((await shop.get('/livez')).status).toBe(200);
        expect((await shop.get('/readyz')).status).toBe(200);
        expect((await shop.get('/healthz')).status).toBe(503);
      });
      const order = await persistently(201, () => ada.tryPlaceOrder({}, key), 30_000);
      await shop.quiet(60_000);
      for (const { id } of [...before, order]) expect((await ada.order(id)).status).toBe('completed');
      expect((await shop.get('/healthz')).status).toBe(200);
    }, 180_000);

    it('and loses nothing when every connection is cut, again and again', async () => {
      const { postgres, shop } = ground();
      const [ada, sku] = await Promise.all([shop.customer(), shop.sell({ onHand: 1_000 })]);
      let placed = 0;
      const over = new AbortController();
      const shopping = (async () => {
        for (; !over.signal.aborted; placed++) {
          const key = randomUUID();
          await persistently(201, () => ada.tryPlaceOrder({ sku }, key));
        }
      })();
      for (let round = 1; round <= (inFull ? 5 : 3); round++) {
        await eventually(() => placed >= round * 3, { what: 'orders under way' });
        await postgres.terminateAll('%\\_app');
      }
      over.abort();
      await shopping;
      await shop.quiet(60_000);
      const { items } = await ada.orders('?limit=100&status=completed');
      expect(items).toHaveLength(placed);
      expect(await shop.stock(sku)).toMatchObject({ onHand: 1_000 - placed, reserved: 0 });
    }, 180_000);
  });
}
