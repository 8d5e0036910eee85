import type { BrokenGround } from '../../support/faults/broken-ground.js';
import { eventually, inParallel } from '../../support/eventually.js';
import {
  expectTemporary,
  expectKept,
  placeOrders,
  slowestOf,
  statusesOf,
} from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';

/** The longest statement, 5 s, and a little: what a call may take when the other end does not answer. */
const DEADLINE_MS = 8_500;

export function halfOpen(ground: () => BrokenGround): void {
  describe('the link to PostgreSQL is open and nothing comes through', () => {
    const report = faultReport('Half-open link');

    const probe = async () => {
      const began = performance.now();
      const ready = await ground().shop.get('/readyz', { withinMs: 1_000 });
      expect(ready.status).toBe(200);
      return performance.now() - began;
    };

    /** Every call of these seconds ends by itself, with an answer that says: later. */
    async function whileNothingAnswers(calls: number): Promise<{ slowest: number; statuses: string }> {
      const { customer, sku } = ground();
      const answers = await inParallel(Array.from({ length: calls }), 10, async (_, index) => {
        const began = performance.now();
        const answer = await (index % 2 ? customer.tryPlaceOrder({ sku }) : customer.get('/api/v1/orders'));
        expectTemporary(answer);
        return { status: answer.status, ms: Math.round(performance.now() - began) };
      });
      const slowest = Math.max(...answers.map(({ ms }) => ms));
      expect(slowest).toBeLessThan(DEADLINE_MS);
      expect(await probe()).toBeLessThan(500);
      return { slowest, statuses: [...new Set(answers.map(({ status }) => status))].join(' and ') };
    }

    async function recovers(): Promise<number> {
      const began = performance.now();
      const [placed] = await placeOrders({ by: ground().customer, sku: ground().sku, count: 1 });
      await ground().customer.reached(placed!.id, 'completed');
      return Math.round(performance.now() - began);
    }

    it.each(inFull ? (['both', 'to-client', 'to-server'] as const) : (['both'] as const))(
      'blackholed: %s',
      async (direction) => {
        ground().proxy.hang(direction);
        const { slowest, statuses } = await whileNothingAnswers(inFull ? 30 : 10);
        ground().proxy.heal();
        const back = await recovers();
        expect(back).toBeLessThan(30_000);
        report(
          `nothing passes ${direction}`,
          `${statuses} after ${slowest} ms at most; an order completes ${back} ms after`,
        );
      },
      120_000,
    );

    itInFull(
      'the old connections stay silent for ever, and the server keeps their sessions',
      async () => {
        ground().proxy.hang('both');
        const { slowest, statuses } = await whileNothingAnswers(10);
        ground().proxy.heal({ forget: true });
        const back = await recovers();
        expect(back).toBeLessThan(40_000);
        report('sessions forgotten', `${statuses} after ${slowest} ms at most; an order completes ${back} ms after`);
      },
      120_000,
    );

    itInFull(
      'one context is cut off, the others go on',
      async () => {
        ground().proxy.hang('both', /^orders_app$/);
        const { customer, sku } = ground();
        const refused = customer.tryPlaceOrder({ sku });
        const others = await inParallel(Array.from({ length: 20 }), 4, async () => {
          const began = performance.now();
          expect((await customer.get(`/api/v1/products/${sku}`)).status).toBe(200);
          return performance.now() - began;
        });
        expectTemporary(await refused);
        expect(Math.max(...others)).toBeLessThan(1_000);
        ground().proxy.heal();
        const slowest = Math.round(Math.max(...others));
        report(
          'nothing passes for orders',
          `catalog answers within ${slowest} ms; an order completes ${await recovers()} ms after`,
        );
      },
      120_000,
    );

    itInFull(
      'every packet is late by 200 ms',
      async () => {
        ground().proxy.latencyMs = 200;
        const { customer: by, sku } = ground();
        const placed = await placeOrders({ by, sku, count: 10, atOnce: 5 });
        ground().proxy.heal();
        await expectKept(by, placed);
        report('200 ms each way', `${statusesOf(placed)}, ${slowestOf(placed)} ms at most`);
      },
      120_000,
    );

    itInFull(
      'answers are cut in the middle',
      async () => {
        const { customer: by, sku, proxy } = ground();
        let over = false;
        const traffic = placeOrders({ by, sku, count: () => over, atOnce: 3, restMs: 100 });
        for (let round = 0; round < 20; round++) {
          proxy.cutAfter(10 + round * 37);
          await eventually(async () => (await placeOrders({ by, sku, count: 1 })).length, { what: 'an order' });
        }
        over = true;
        proxy.heal();
        const placed = await traffic;
        await expectKept(by, placed);
        report('answers cut after n bytes, 20×', `${placed.length} orders; ${statusesOf(placed)}`);
      },
      120_000,
    );
  });
}
