import type { Supervised } from '../../../scripts/topology/supervise.mjs';
import { eventually } from '../../support/eventually.js';
import { freeze, murder, thaw } from '../../support/faults/process-control.js';
import { terms } from '../../support/faults/replicas.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { SplitGround } from '../../support/faults/split-ground.js';
import { contextsOf } from '../../support/quiet.js';

const ORDERS = inFull ? 1_000 : 20;
/** In the smoke cut: one that shares its work, and the one with the money. */
const SMOKE = ['orders-1', 'others'];

/** What becomes of a shop some of whose processes are gone. */
export function dyingProcesses(ground: () => SplitGround): void {
  describe('processes of a split shop that die or stand still while it sells', () => {
    const report = faultReport('Processes of a split shop');

    it(`kill -9 of ${inFull ? 'each' : 'some'} in turn, during ${ORDERS} orders`, async () => {
      const recoveries: number[] = [];
      const victims = ground().processes.filter(({ name }) => inFull || SMOKE.includes(name));
      const killing = async () => {
        for (const one of victims) recoveries.push(await ground().kill(one));
      };
      const placed = await ground().during(killing, { atLeast: ORDERS });
      expect(placed.length).toBeGreaterThanOrEqual(ORDERS);
      expect(victims.map(({ restarts }) => restarts >= 1)).toEqual(Array(inFull ? 10 : SMOKE.length).fill(true));
      const held = await ground().holds(placed);
      report(`kill -9 of ${victims.length} in turn`, `${held}; ready again within ${Math.max(...recoveries)} ms`);
    }, 900_000);

    itInFull(
      'kill -9 of all at once',
      async () => {
        const placed = await ground().during(async () => {
          const before = ground().processes.map(({ restarts }) => restarts);
          await Promise.all(ground().processes.map(({ pid }) => murder(pid!)));
          const areBack = () =>
            ground().processes.every(({ restarts, state }, n) => restarts > before[n]! && state === 'ready');
          await eventually(areBack, { what: 'all are back', withinMs: 180_000 });
        });
        report(`kill -9 of all ${ground().processes.length} at once`, await ground().holds(placed));
      },
      400_000,
    );

    itInFull(
      'SIGSTOP of a leading process for longer than its lease, then SIGCONT: its relay writes nothing more',
      async () => {
        const { shop } = ground();
        const contexts = await contextsOf(shop.database);
        const ofOrders = async () => (await terms(shop, contexts)).find(({ context }) => context === 'orders');
        const before = await eventually(ofOrders, { what: 'orders is led' });
        const leads = (one: Supervised) => one.name.startsWith('orders-') && ground().connectsFrom(one, before.port);
        const leader = ground().processes.find(leads)!;
        const placed = await ground().during(async () => {
          await freeze(leader.pid!);
          await eventually(async () => ((await ofOrders())?.epoch ?? 0) > before.epoch, {
            what: 'the other leads',
            withinMs: 60_000,
          });
          await thaw(leader.pid!);
          await eventually(() => leader.state === 'ready', { what: 'the former leader answers', withinMs: 30_000 });
        });
        const held = await ground().holds(placed);
        const messages = await ground().expectStreamsInOrder();
        report(
          'SIGSTOP of a leader, SIGCONT',
          `${held}; ${messages} messages in their streams as their outboxes told them`,
        );
      },
      400_000,
    );
  });
}
