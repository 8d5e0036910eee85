import { setTimeout as pause } from 'node:timers/promises';
import { Backlog } from '../../support/faults/backlog.js';
import type { Lost, NetworkNamespace } from '../../support/faults/network-namespace.js';
import { type PlacedOrder, placeOrders } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { SplitGround } from '../../support/faults/split-ground.js';

const WAYS: readonly Lost[] = ['both ways', 'what arrives', 'what leaves'];
/** Shorter than a link may be silent before it is given up (15 s), longer, and much longer. */
const [SMOKE_MS, SHORT_MS, LONG_MS, VERY_LONG_MS] = [3_000, 5_000, 25_000, 60_000];
/** How many orders are placed during one. */
const ORDERS = inFull ? 20 : 6;
/** The cuts are long; what was ordered meanwhile has to come to its end afterwards, on any machine. */
const GENTLY = { restMs: 1_000 };

/** @param namespace that of the processes of orders; without one there is nothing to be broken */
export function brokenNetwork(ground: () => SplitGround, namespace: NetworkNamespace | undefined): void {
  (namespace ? describe : describe.skip)('a split shop with one context in a network of its own', () => {
    const report = faultReport('A context in a network of its own, cut off from NATS by a firewall');

    afterEach(() => namespace!.heal()); // also of a test that failed

    /** Orders are taken although nobody hears of them; and when the cable is in again, everybody does. */
    async function cutOff(
      cut: () => void,
      forMs: number,
    ): Promise<{ placed: PlacedOrder[]; waited: number; ms: number }> {
      const backlog = new Backlog(ground().shop.database, 'orders');
      const { customer: by, sku } = ground();
      const over = pause(forMs); // the length of the cut is the fault
      cut();
      const placed = await placeOrders({ by, sku, count: ORDERS, patienceMs: 20_000 });
      await over;
      const waiting = await backlog.look();
      namespace!.heal();
      expect(waiting.size).toBeGreaterThanOrEqual(ORDERS);
      return { placed, waited: waiting.size, ms: await backlog.madeUp(waiting) };
    }

    async function cuts(name: string, cut: () => void, lengths: readonly number[]): Promise<void> {
      const meanwhile: Awaited<ReturnType<typeof cutOff>>[] = [];
      const placed = await ground().during(async () => {
        for (const ms of lengths) meanwhile.push(await cutOff(cut, ms));
      }, GENTLY);
      const held = await ground().holds([...placed, ...meanwhile.flatMap((one) => one.placed)]);
      const waited = meanwhile.map((one, n) => `${one.waited} after ${lengths[n]! / 1_000} s for ${one.ms} ms more`);
      report(`${name}, ×${lengths.length}`, `${held}; messages that waited: ${waited.join(', ')}`);
      await ground().expectStreamsInOrder();
    }

    for (const way of inFull ? WAYS : WAYS.slice(0, 1)) {
      const lengths = inFull ? [SHORT_MS, SHORT_MS, SHORT_MS, LONG_MS] : [SMOKE_MS];
      it(
        `lost: ${way}`,
        () => cuts(`packets lost, ${way}`, () => namespace!.lose(ground().wire.port, way), lengths),
        600_000,
      );
    }

    itInFull(
      'refused',
      () => cuts('RST', () => namespace!.refuse(ground().wire.port), [SHORT_MS, SHORT_MS, LONG_MS]),
      600_000,
    );

    itInFull(
      'lost for a minute',
      () => cuts('packets lost', () => namespace!.lose(ground().wire.port, 'both ways'), [VERY_LONG_MS]),
      600_000,
    );

    itInFull(
      'flapping',
      async () => {
        const times = 16; // over before anybody's fourth attempt: the fifth would be ten minutes later
        const placed = await ground().during(async () => {
          for (let time = 0; time < times; time++) {
            namespace!.lose(ground().wire.port, WAYS[time % WAYS.length]!);
            await pause(100 + ((time * 617) % 2_400));
            namespace!.heal();
            await pause(50 + ((time * 251) % 900));
          }
        }, GENTLY);
        report(`flapping, 0.1–2.5 s, ×${times}`, await ground().holds(placed));
        await ground().expectStreamsInOrder();
      },
      600_000,
    );
  });
}
