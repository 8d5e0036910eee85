import { eventually } from '../../support/eventually.js';
import { expectKept, placeOrders, statusesOf } from '../../support/faults/orders-under-fault.js';
import { freeze, thaw } from '../../support/faults/process-control.js';
import { type Replica, type Term, terms } from '../../support/faults/replicas.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { Shop } from '../../support/shop.js';
import type { User } from '../../support/user.js';
import type { ReplicaGround } from './replica-ground.js';

/** A leader gives signs of life every 3 s and is put out when it has missed three; a second for the others to look. */
const TAKE_OVER_MS = 9_000 + 3_000;

export function leadership(ground: () => ReplicaGround): void {
  describe('who leads', () => {
    const report = faultReport('Replicas: leadership');
    let shop: Shop;
    let customer: User;
    let sku: string;
    let contexts: readonly string[];
    let replicas: Replica[];

    beforeAll(() => void ({ shop, customer, sku, contexts } = ground()));
    beforeEach(async () => {
      replicas = await ground().with(inFull ? 2 : 1);
    }, 180_000);
    afterEach(() => ground().holdsAndDismisses(), 120_000);

    const led = async () => (await terms(shop, contexts)).length === contexts.length;
    const ledBy = (term: Term, replica: Replica) => replica.proxy.carriesFrom(term.port);

    /** Makes the replica lead every context: the others are put out until it does. */
    async function letLead(replica: Replica): Promise<Term[]> {
      await eventually(
        async () => {
          const now = await terms(shop, contexts);
          const others = now.filter((term) => !ledBy(term, replica));
          await shop.database.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
           where datname = current_database() and client_port = any ($1)`,
            [others.map(({ port }) => port)],
          );
          return now.length === contexts.length && others.length === 0;
        },
        { what: 'the replica leads', withinMs: 60_000, everyMs: 250 },
      );
      return terms(shop, contexts);
    }

    itInFull(
      'one leads each context, and all sell',
      async () => {
        await eventually(led, { what: 'every context is led' });
        const before = await terms(shop, contexts);
        const clients = [customer, ...replicas.map((replica) => replica.as(customer))];
        const placed = (await Promise.all(clients.map((by) => placeOrders({ by, sku, count: 8, atOnce: 2 })))).flat();
        await expectKept(customer, placed);
        expect(await terms(shop, contexts)).toEqual(before);
        report(`${clients.length} processes, no fault`, `one leader per context throughout; ${statusesOf(placed)}`);
      },
      120_000,
    );

    it('kill -9 of the leader: another one takes over in seconds', async () => {
      const leader = replicas[0]!;
      const before = await letLead(leader);
      const placing = placeOrders({ by: customer, sku, count: 12, atOnce: 3 });
      await leader.kill();
      const began = performance.now();
      await eventually(async () => (await led()) && (await terms(shop, contexts)).every(notOf(before)), {
        what: 'every context is led by another one',
        withinMs: 30_000,
      });
      const ms = Math.round(performance.now() - began);
      const placed = await placing;
      await expectKept(customer, placed);
      report(
        'kill -9 of the leader of everything',
        `all ${contexts.length} led again after ${ms} ms; ${statusesOf(placed)}`,
      );
    }, 120_000);

    const notOf = (before: readonly Term[]) => (term: Term) =>
      term.epoch > before.find(({ context }) => context === term.context)!.epoch;

    itInFull(
      'SIGSTOP of the leader for longer than its lease, then SIGCONT: it is nobody any more',
      async () => {
        const leader = replicas[0]!;
        for (let round = 1; round <= 3; round++) {
          const before = await letLead(leader);
          await freeze(leader.pid);
          const began = performance.now();
          const placing = placeOrders({ by: customer, sku, count: 10, atOnce: 3 });
          await eventually(async () => (await led()) && (await terms(shop, contexts)).every(notOf(before)), {
            what: 'every context is led by another one',
            withinMs: TAKE_OVER_MS + 5_000,
          });
          const ms = Math.round(performance.now() - began);
          expect(ms).toBeLessThan(TAKE_OVER_MS);
          await expectKept(customer, await placing); // while the old leader still stands still
          await thaw(leader.pid);
          await expectKept(customer, await placeOrders({ by: leader.as(customer), sku, count: 5 }));
          expect((await terms(shop, contexts)).filter((term) => ledBy(term, leader) && !notOf(before)(term))).toEqual(
            [],
          );
          report(`leader frozen, round ${round}`, `led again after ${ms} ms; thawed, it sells and does not lead`);
        }
      },
      240_000,
    );

    itInFull(
      'a leader that is late with its cursor is refused',
      async () => {
        const leader = replicas[0]!;
        await letLead(leader);
        leader.proxy.holds = ({ user, statement }) =>
          user === 'orders_app' && statement.includes('update relay_cursor');
        const first = await placeOrders({ by: customer, sku, count: 3 });
        await eventually(() => leader.proxy.held > 0, { what: 'the cursor on its way' });
        await freeze(leader.pid);
        const before = await terms(shop, contexts);
        await eventually(async () => (await led()) && (await terms(shop, contexts)).every(notOf(before)), {
          what: 'another one leads',
          withinMs: TAKE_OVER_MS + 5_000,
        });
        const placed = [...first, ...(await placeOrders({ by: customer, sku, count: 5 }))];
        await expectKept(customer, placed);
        await shop.quiet();
        const cursor = await cursorOfOrders();
        leader.proxy.heal(); // the old move arrives now, from an epoch that is over
        await thaw(leader.pid);
        await eventually(() => leader.logs().some((line) => /no longer leads/.test(line)), {
          what: 'the relay is refused',
        });
        expect(await cursorOfOrders()).toEqual(cursor);
        report('stale leader moves the cursor', 'refused: its epoch is over; the cursor stays where it was');
      },
      120_000,
    );

    async function cursorOfOrders(): Promise<unknown> {
      const { rows } = await shop.database.query('select xid::text, position, moved_at from orders.relay_cursor');
      return rows[0];
    }

    itInFull(
      'leaders killed in the network again and again',
      async () => {
        let over = false;
        const placing = placeOrders({ by: customer, sku, count: () => over, atOnce: 3, restMs: 200 });
        for (let round = 0; round < 10; round++) {
          const before = await terms(shop, contexts);
          for (const { proxy } of replicas) proxy.reset();
          await shop.database.query(
            `select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and client_port = any ($1)`,
            [before.map(({ port }) => port)],
          );
          await eventually(led, { what: 'every context is led again' });
        }
        over = true;
        const placed = await placing;
        await expectKept(customer, placed);
        report('leading sessions cut, 10×', `led again each time; ${placed.length} orders, ${statusesOf(placed)}`);
      },
      120_000,
    );
  });
}
