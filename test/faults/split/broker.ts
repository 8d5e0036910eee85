import { setTimeout as pause } from 'node:timers/promises';
import { eventually } from '../../support/eventually.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { SplitGround } from '../../support/faults/split-ground.js';

const TIMES = inFull ? 5 : 1;
const CUT_OFF = inFull ? ['orders', 'checkout', 'payments', 'inventory'] : ['others'];

/** What the broker does to a shop that needs it. */
export function brokenBroker(ground: () => SplitGround): void {
  describe('a split shop whose broker goes away, forgets, repeats and delays', () => {
    const report = faultReport('The broker of a split shop');

    afterEach(() => ground().proxy.heal()); // also of a test that failed

    /** The broker is away for a while; orders are taken all the same. */
    async function away(meanwhile: () => void = () => undefined): Promise<void> {
      await ground().nats.end('SIGKILL');
      meanwhile();
      await pause(300); // long enough for everybody to notice, and for orders to come in
      await ground().nats.restart();
    }

    it('NATS killed and started again under load', async () => {
      const placed = await ground().during(async () => {
        for (let time = 0; time < TIMES; time++) await away();
      });
      report(`kill -9 of NATS ×${TIMES}`, await ground().holds(placed));
    }, 400_000);

    it('NATS loses its whole store under load: the relays send it all again', async () => {
      const placed = await ground().during(async () => {
        for (let time = 0; time < TIMES; time++) await away(() => ground().nats.wipe());
      });
      const held = await ground().holds(placed);
      report(
        `store of NATS wiped ×${TIMES}`,
        `${held}; ${await ground().expectStreamsInOrder()} messages are in order again`,
      );
    }, 400_000);

    it('NATS out of reach of one process', async () => {
      const { proxy, shop } = ground();
      for (const name of CUT_OFF) {
        const swallowed = proxy.swallowed;
        const placed = await ground().during(async () => {
          proxy.partition(new RegExp(name));
          await eventually(() => proxy.swallowed > swallowed + 3, { what: 'something is lost', withinMs: 30_000 });
          await pause(inFull ? 20_000 : 1_000); // the length of the partition is the fault
          proxy.heal();
        });
        expect((await shop.get('/readyz')).status).toBe(200);
        const lost = proxy.swallowed - swallowed;
        report(`${name} cut off from NATS, ${lost} protocol messages swallowed`, await ground().holds(placed));
      }
    }, 400_000);

    it('deliveries come twice and late, acknowledgements and confirmations get lost', async () => {
      const { proxy } = ground();
      const placed = await ground().during(
        async () => {
          proxy.mischief = { repeat: 0.3, delay: 0.02, delayMs: 200, loseAcks: 0.2, losePubAcks: inFull ? 0.002 : 0 };
          const enough = () => proxy.done.repeated > 50 && proxy.done.delayed > 3 && proxy.done.acksLost > 10;
          await eventually(enough, { what: 'it happened', withinMs: 60_000 });
        },
        inFull ? { atLeast: 300 } : {},
      );
      const { repeated, delayed, acksLost, pubAcksLost } = proxy.done;
      const held = await ground().holds(placed);
      expect(repeated + delayed + acksLost).toBeGreaterThan(60);
      report(
        `${repeated} deliveries repeated, ${delayed} late, ${acksLost} acks and ${pubAcksLost} confirmations lost`,
        held,
      );
    }, 400_000);

    itInFull(
      'one process after the other cut off and healed in another order',
      async () => {
        const names = ['orders', 'payments', 'inventory', 'checkout', 'shipping'];
        const placed = await ground().during(async () => {
          for (let round = 0; round < 10; round++) {
            const [one, other] = [names[round % names.length]!, names[(round * 3 + 1) % names.length]!];
            ground().proxy.partition(new RegExp(`${one}|${other}`));
            await pause(1_500);
            ground().proxy.partition(new RegExp(other));
            await pause(1_500);
            ground().proxy.heal();
          }
        });
        report('two links cut, healed one by one, ×10', await ground().holds(placed));
      },
      400_000,
    );
  });
}
