import { setTimeout as pause } from 'node:timers/promises';
import type { BrokenGround } from '../../support/faults/broken-ground.js';
import { expectKept, type PlacedOrder, placeOrders, statusesOf } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';

export function restarts(ground: () => BrokenGround): void {
  describe('PostgreSQL goes away and comes back', () => {
    const report = faultReport('PostgreSQL restarted, killed, connections cut');

    /** Orders all the while; each round breaks something and then sees an order through. */
    async function under(rounds: number, fault: () => Promise<unknown>): Promise<PlacedOrder[]> {
      const { customer: by, sku } = ground();
      let over = false;
      const traffic = placeOrders({ by, sku, count: () => over, atOnce: 3, restMs: 200 });
      const recoveries: number[] = [];
      const rest: PlacedOrder[] = [];
      for (let round = 0; round < rounds; round++) {
        await pause(100 + Math.random() * 400); // somewhere in the middle of things
        await fault();
        const back = performance.now();
        rest.push(...(await placeOrders({ by, sku, count: 1 })));
        recoveries.push(Math.round(performance.now() - back));
      }
      over = true;
      const placed = [...rest, ...(await traffic)];
      await expectKept(by, placed).catch(async (error: Error) => {
        throw new Error(`${error.message}\n${await ground().waiting()}`, { cause: error });
      });
      const recovered = Math.max(...recoveries);
      expect(recovered).toBeLessThan(6_000);
      report(
        `${expect.getState().currentTestName!.split(' back ')[1]}: ${rounds}×`,
        `${placed.length} orders kept; ${statusesOf(placed)}; first 201 at most ${recovered} ms after the fault`,
      );
      return placed;
    }

    it('immediate restart under load', async () => {
      await under(inFull ? 10 : 1, () => ground().postgres.restart());
    }, 300_000);

    itInFull(
      'kill -9 of the postmaster under load',
      async () => {
        await under(5, () => ground().postgres.kill());
      },
      300_000,
    );

    itInFull(
      'every connection terminated, every second',
      async () => {
        let cut = 0;
        await under(20, async () => {
          cut += await ground().postgres.terminateAll();
          await pause(500);
        });
        expect(cut).toBeGreaterThan(5);
      },
      300_000,
    );

    itInFull(
      'connections reset by the network, every second',
      async () => {
        let cut = 0;
        await under(10, async () => {
          cut += ground().proxy.reset();
          await pause(500);
        });
        expect(cut).toBeGreaterThan(10);
      },
      300_000,
    );
  });
}
