import { expecting } from '../../support/client.js';
import { eventually, inParallel } from '../../support/eventually.js';
import { faultReport, itInFull } from '../../support/faults/report.js';
import type { Shop } from '../../support/shop.js';
import { processesBehind } from '../../support/supervised.js';
import type { User } from '../../support/user.js';

interface Outcome {
  at: number;
  status: number | string;
}

interface Resident {
  context: string;
  pid?: number;
  url: string;
  state: string;
}

/** What customers see of one of two replicas of orders that goes, in a shop whose processes find each other by NATS. */
export function replicasByNats(shop: () => Shop): void {
  describe('two replicas of a context that are found by NATS', () => {
    const report = faultReport('Discovery');
    let ada: User;
    let operator: User;
    let sku: string;

    beforeAll(async () => {
      ada = await shop().customer();
      operator = await shop().operator();
      sku = await shop().sell({ onHand: 10_000 });
      await ada.placeOrder({ sku });
    }, 60_000);

    const named = (name: string) => processesBehind(shop().url).processes.find((one) => one.name === name)!;
    const orders = async () =>
      expecting(200, await operator.get<{ items: Resident[] }>('/ops/topology')).items.filter(
        ({ context }) => context === 'orders',
      );
    const bothThere = () =>
      eventually(async () => (await orders()).filter(({ state }) => state === 'ready').length === 2, {
        what: 'both replicas are found',
        withinMs: 60_000,
      });

    /** Reads without a pause until `over`; what became of each, and when. */
    async function reads(over: () => boolean): Promise<Outcome[]> {
      const outcomes: Outcome[] = [];
      await inParallel(Array.from({ length: 4 }), 4, async () => {
        while (!over()) {
          const at = performance.now();
          const status = await ada.get('/api/v1/orders', { withinMs: 15_000 }).then(
            (answer) => answer.status,
            (error: Error) => error.message,
          );
          outcomes.push({ at, status });
        }
      });
      return outcomes;
    }
    /** Orders one after the other until `over`; rejects at the first that is not accepted. */
    async function buy(over: () => boolean): Promise<number> {
      let bought = 0;
      for (; !over(); bought++) await ada.placeOrder({ sku });
      return bought;
    }
    const failed = (outcomes: Outcome[]) => outcomes.filter(({ status }) => status !== 200);

    it('shows operators who lives where', async () => {
      await bothThere();
      const found = await orders();
      expect(found.map(({ pid }) => pid).toSorted()).toEqual([named('orders-1').pid, named('orders-2').pid].toSorted());
    });

    it('fails not one read or order when a replica is asked to leave under load', async () => {
      await bothThere();
      const leaving = named('orders-2');
      const { restarts } = leaving;
      let over = false;
      const traffic = reads(() => over);
      const buying = buy(() => over);
      buying.catch(() => {}); // said below
      process.kill(leaving.pid!, 'SIGTERM');
      await eventually(() => leaving.restarts > restarts, { what: 'it has left', withinMs: 40_000 });
      over = true;
      const [outcomes, bought] = await Promise.all([traffic, buying]);
      expect(bought).toBeGreaterThan(0);
      expect(outcomes.length).toBeGreaterThan(10);
      expect(failed(outcomes)).toEqual([]);
      report('a replica asked to leave under load', `0 of ${outcomes.length} reads and ${bought} orders failed`);
    }, 120_000);

    itInFull(
      'fails at most 1 % of reads from 5 s after a replica was killed',
      async () => {
        await bothThere();
        const killedAt = performance.now();
        let over = false;
        const traffic = reads(() => over);
        process.kill(named('orders-1').pid!, 'SIGKILL');
        await eventually(() => performance.now() - killedAt > 10_000, { what: 'ten seconds' });
        over = true;
        const late = (await traffic).filter(({ at }) => at - killedAt > 5_000);
        expect(late.length).toBeGreaterThan(20);
        expect(failed(late).length).toBeLessThanOrEqual(late.length / 100);
        report('one of two killed', `from 5 s on ${failed(late).length} of ${late.length} reads failed`);
      },
      120_000,
    );

    itInFull(
      'sends nothing to a replica that is frozen, once its heartbeat is 3 s old',
      async () => {
        await bothThere();
        const { pid } = named('orders-1');
        process.kill(pid!, 'SIGSTOP');
        try {
          const frozenAt = performance.now();
          let over = false;
          const traffic = reads(() => over);
          await eventually(() => performance.now() - frozenAt > 9_000, { what: 'nine seconds' });
          over = true;
          const late = (await traffic).filter(({ at }) => at - frozenAt > 5_000);
          expect(late.length).toBeGreaterThan(20);
          expect(failed(late)).toEqual([]);
          report('one of two frozen', `from 5 s on 0 of ${late.length} reads failed`);
          expect((await shop().get('/healthz')).text).toContain('"discovery"');
        } finally {
          process.kill(pid!, 'SIGCONT');
        }
      },
      120_000,
    );

    itInFull(
      'serves reads by the last list while NATS does not answer',
      async () => {
        await bothThere();
        const nats = processesBehind(shop().url).nats!.process;
        process.kill(nats.pid!, 'SIGSTOP');
        try {
          const frozenAt = performance.now();
          let over = false;
          const traffic = reads(() => over);
          const discovery = async () =>
            (await shop().get<{ details: Record<string, { status: string; ageMs: number }> }>('/healthz')).body!.details
              .discovery!;
          await eventually(async () => (await discovery()).status === 'degraded', {
            what: 'the age of the list is seen',
          });
          await eventually(() => performance.now() - frozenAt > 6_000, { what: 'longer than the TTL' });
          over = true;
          expect(failed(await traffic)).toEqual([]);
          expect((await discovery()).ageMs).toBeGreaterThan(3_000);
        } finally {
          process.kill(nats.pid!, 'SIGCONT');
        }
        await bothThere();
      },
      120_000,
    );
  });
}
