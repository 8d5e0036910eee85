import { randomUUID } from 'node:crypto';
import { eventually, inParallel } from '../../support/eventually.js';
import {
  expectKept,
  expectTemporary,
  type PlacedOrder,
  ordersTold,
  placeOrders,
  statusesOf,
} from '../../support/faults/orders-under-fault.js';
import { freeze, thaw } from '../../support/faults/process-control.js';
import { type Replica, handledBy } from '../../support/faults/replicas.js';
import { faultReport, inFull, itInFull } from '../../support/faults/report.js';
import type { Shop } from '../../support/shop.js';
import { orderOf, type User } from '../../support/user.js';
import type { OrderView } from '../../support/views.js';
import type { ReplicaGround } from './replica-ground.js';

const known = (id: string): PlacedOrder => ({ id, key: '', attempts: [] });

/** A message of a worker that is gone is taken over after 5 s, and somebody has to look. */
const LEASE_MS = 5_000;

export function sharing(ground: () => ReplicaGround): void {
  describe('who works', () => {
    const report = faultReport('Replicas: work');
    let shop: Shop;
    let customer: User;
    let sku: string;
    let contexts: readonly string[];
    let replica: Replica;

    beforeAll(() => void ({ shop, customer, sku, contexts } = ground()));
    beforeEach(async () => {
      replica = (await ground().with(1))[0]!;
    }, 180_000);

    async function attemptsOf(orderIds: readonly string[], where: string): Promise<number> {
      const counts = contexts.map(
        (name) => `select count(*) from ${name}.inbox where envelope->>'subject' = any ($1) and ${where}`,
      );
      const { rows } = await shop.database.query<{ sum: string }>(
        `select sum(count) from (${counts.join(' union all ')}) all_contexts`,
        [orderIds],
      );
      return Number(rows[0]!.sum);
    }

    async function handledInAll(): Promise<number> {
      const counts = contexts.map((name) => `select count(*) from ${name}.inbox where outcome = 'handled'`);
      const { rows } = await shop.database.query<{ sum: string }>(
        `select sum(count) from (${counts.join(' union all ')}) all_contexts`,
      );
      return Number(rows[0]!.sum);
    }

    describe('undisturbed', () => {
      afterEach(() => ground().holds(), 120_000);

      it(`every message is handled once, in order of its key${inFull ? ', and both do a share' : ''}`, async () => {
        const before = await Promise.all([handledBy(shop.url), handledBy(replica.url)]);
        const doneBefore = await handledInAll();
        const clients = [customer, replica.as(customer)];
        const count = inFull ? 40 : 15;
        const placed = (await Promise.all(clients.map((by) => placeOrders({ by, sku, count, atOnce: 5 })))).flat();
        await expectKept(customer, placed);
        await shop.quiet();
        const after = await Promise.all([handledBy(shop.url), handledBy(replica.url)]);
        const ended = (outcome: string) =>
          after.map((now, index) => (now[outcome] ?? 0) - (before[index]![outcome] ?? 0));
        const shares = ended('ok');
        const ids = placed.map(({ id }) => id);
        expect(shares[0]! + shares[1]!).toBe((await handledInAll()) - doneBefore);
        // Nobody takes what another is at: a second attempt is one at what failed, as it may beside other tests.
        const [rejected, retried] = ['rejected', 'retried'].map((outcome) => ended(outcome).reduce((a, b) => a + b));
        expect(rejected).toBe(0);
        expect(await attemptsOf(ids, 'attempts > 1')).toBeLessThanOrEqual(inFull ? 0 : retried!);
        // A process that is not woken first has to look, once a second: a short burst may be over by then.
        if (inFull) expect(Math.min(...shares)).toBeGreaterThan((shares[0]! + shares[1]!) * 0.15);
        report(
          `${placed.length} orders at two processes`,
          `${shares.join(' + ')} messages handled, none twice, keys in order`,
        );
      }, 120_000);

      it('one key at both processes at the same time has one effect', async () => {
        const buyer = await shop.customer();
        const clients = [buyer, replica.as(buyer)];
        const keys = Array.from({ length: inFull ? 25 : 8 }, () => randomUUID());
        const answers = await inParallel(keys, 4, (key) =>
          Promise.all(
            [...clients, ...clients].map((by) => by.post<OrderView>('/api/v1/orders', orderOf({ sku }), { key })),
          ),
        );
        for (const some of answers) {
          const done = some.filter(({ status }) => status === 201);
          for (const answer of some) if (answer.status !== 201) expectTemporary(answer);
          expect(new Set(done.map(({ text }) => text)).size).toBe(1);
          expect(done.filter(({ headers }) => !headers.has('idempotency-replayed'))).toHaveLength(1);
        }
        const ids = answers.map((some) => some.find(({ status }) => status === 201)!.body.id);
        await expectKept(buyer, ids.map(known));
        expect(await ordersTold(shop.database, buyer.id)).toBe(keys.length);
        report(`${keys.length} keys, each 4× at two processes`, `${keys.length} orders`);
      }, 120_000);
    });

    describe('and one fails', () => {
      afterEach(() => ground().holdsAndDismisses(), 120_000);

      /** Orders until the replica stands in the middle of handling some of their messages. */
      async function caughtInTheMiddle(handlers = 3): Promise<string[]> {
        const before = replica.proxy.held;
        replica.proxy.holds = ({ statement }) => statement.includes('update inbox set done_at');
        const ids: string[] = [];
        await eventually(
          async () => {
            ids.push(...(await placeOrders({ by: customer, sku, count: 5 })).map(({ id }) => id));
            return replica.proxy.held - before >= handlers;
          },
          { what: 'the replica handles messages', withinMs: 30_000, everyMs: 200 },
        );
        return ids;
      }

      itInFull(
        'kill -9 in the middle of handlers: their messages are taken over after the lease',
        async () => {
          const ids = await caughtInTheMiddle();
          const caught = replica.proxy.held;
          await replica.kill();
          const began = performance.now();
          await expectKept(customer, ids.map(known));
          const ms = Math.round(performance.now() - began);
          expect(await attemptsOf(ids, `attempts > 1 and outcome = 'handled'`)).toBeGreaterThan(0);
          report(
            `kill -9 with ${caught} handlers under way`,
            `${ids.length} orders completed ${ms} ms after, nothing doubled`,
          );
        },
        120_000,
      );

      itInFull(
        'a lease that ends before its handler: the late completion is refused',
        async () => {
          const refused = await eventually(oneLateCompletion, { what: 'late completions refused', withinMs: 100_000 });
          report('leases over with handlers under way', `taken over by the other; ${refused} late completions refused`);
        },
        150_000,
      );

      /** On a busy machine the statement may run into its own deadline meanwhile, and tell nothing: then again. */
      async function oneLateCompletion(): Promise<number> {
        const ids = await caughtInTheMiddle(1);
        await freeze(replica.pid);
        await endLeases();
        replica.proxy.heal();
        await thaw(replica.pid);
        await expectKept(customer, ids.map(known));
        await shop.quiet();
        return (await handledBy(replica.url)).rejected ?? 0;
      }

      /** Ends the leases of what the frozen replica handles, and waits until somebody else has handled it. */
      async function endLeases(): Promise<void> {
        const end = contexts.map(
          (name) => `${name} as (update ${name}.inbox set claimed_until = '-infinity' where done_at is null
        and claimed_until between clock_timestamp() and clock_timestamp() + interval '${LEASE_MS - 1_000} ms'
        returning message_id || handler as id)`,
        );
        const ended = contexts.map((name) => `select id from ${name}`).join(' union all ');
        const open = contexts.map(
          (name) => `select 1 from ${name}.inbox where done_at is null and message_id || handler = any ($1)`,
        );
        const ids = await eventually(
          async () => {
            const { rows } = await shop.database.query<{ id: string }>(`with ${end.join(', ')} ${ended}`);
            return rows.length > 0 && rows.map(({ id }) => id); // claimed a second ago, and still not done
          },
          { what: 'messages that the replica handles', withinMs: 5_000 },
        );
        const done = async () => (await shop.database.query(open.join(' union all '), [ids])).rowCount === 0;
        await eventually(done, { what: 'the other process has handled them', withinMs: 20_000 });
      }

      itInFull(
        'SIGSTOP in the middle of handlers for longer than the lease',
        async () => {
          const ids = await caughtInTheMiddle();
          const { held } = replica.proxy;
          await freeze(replica.pid);
          await expectKept(customer, ids.map(known));
          await shop.quiet();
          replica.proxy.heal();
          await thaw(replica.pid);
          const late = await eventually(
            async () => {
              const { rejected = 0, retried = 0 } = await handledBy(replica.url);
              return rejected + retried;
            },
            { what: 'the handlers of before have ended' },
          );
          expect(await attemptsOf(ids, 'attempts > 2')).toBe(0);
          report(
            `frozen with ${held} handlers under way`,
            `taken over by the other; ${late} came too late, nothing doubled`,
          );
        },
        120_000,
      );

      itInFull(
        'killed and started again under load',
        async () => {
          let over = false;
          const placing = placeOrders({ by: customer, sku, count: () => over, atOnce: 3, restMs: 200 });
          for (let round = 0; round < 3; round++) {
            await eventually(async () => ((await handledBy(replica.url)).ok ?? 0) > 0, { what: 'the replica works' });
            await replica.kill();
            replica = await ground().replace(replica);
          }
          over = true;
          const placed = await placing;
          await expectKept(customer, placed);
          report('a worker killed, 3×', `${placed.length} orders; ${statusesOf(placed)}`);
        },
        180_000,
      );
    });
  });
}
