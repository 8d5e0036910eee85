import pg from 'pg';
import { eventually, inParallel } from '../../support/eventually.js';
import type { BrokenGround } from '../../support/faults/broken-ground.js';
import {
  expectTemporary,
  type PlacedOrder,
  expectKept,
  placeOrders,
  slowestOf,
  statusesOf,
} from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull } from '../../support/faults/report.js';

export function saturation(ground: () => BrokenGround): void {
  (inFull ? describe : describe.skip)('PostgreSQL has no room or no turn', () => {
    const report = faultReport('Pool exhausted, locks held, deadlocks');

    const admin = () => ground().postgres.admin;

    /** A transaction of somebody else's that does this and then sits there. */
    async function holding(...statements: string[]): Promise<{ release(): Promise<void> }> {
      const client = new pg.Client({ connectionString: ground().postgres.url });
      client.on('error', () => undefined);
      await client.connect();
      try {
        await client.query('begin');
        for (const statement of statements) await client.query(statement);
      } catch (error) {
        await client.end();
        throw error;
      }
      return { release: () => client.end() };
    }

    async function neighbours(during: Promise<unknown>): Promise<number> {
      const over = new AbortController();
      void during.finally(() => over.abort()).catch(() => undefined);
      let slowest = 0;
      do {
        const began = performance.now();
        expect((await ground().shop.get(`/api/v1/products/${ground().sku}`)).status).toBe(200);
        expect((await ground().shop.get('/readyz')).status).toBe(200);
        slowest = Math.max(slowest, performance.now() - began);
      } while (!over.signal.aborted);
      return Math.round(slowest);
    }

    it('no connection left for one context', async () => {
      const { customer, sku } = ground();
      await admin().query('alter role orders_app connection limit 0');
      await ground().postgres.terminateAll('orders_app');
      const calls = inParallel(Array.from({ length: 20 }), 10, async () => {
        const answer = await customer.tryPlaceOrder({ sku });
        expectTemporary(answer);
        return answer.status;
      });
      const slowest = await neighbours(calls);
      expect(new Set(await calls)).toEqual(new Set([503]));
      await admin().query('alter role orders_app connection limit -1');
      report('role has no connections left', `503 with Retry-After; other contexts within ${slowest} ms`);
    }, 120_000);

    it('every connection of one context is busy for seconds', async () => {
      const { customer: by, sku } = ground();
      const lock = await holding(`lock table orders.event in access exclusive mode`);
      await admin().query(`alter role orders_app in database postgres set lock_timeout to '4s'`);
      await ground().postgres.terminateAll('orders_app');
      const placing = placeOrders({ by, sku, count: 30, atOnce: 30 });
      const reading = neighbours(eventually(async () => waitingForLocks(), { what: 'waiting sessions' }));
      const slowest = await reading;
      await lock.release();
      const placed = await placing;
      await admin().query(`alter role orders_app in database postgres set lock_timeout to '500ms'`);
      await ground().postgres.terminateAll('orders_app');
      await expectKept(by, placed);
      expect(slowest).toBeLessThan(4_000); // who needed one of those connections waited that long
      report('pool full of waiting statements', `${statusesOf(placed)}; other contexts within ${slowest} ms`);
    }, 120_000);

    async function waitingForLocks(): Promise<boolean> {
      const { rows } = await admin().query<{ count: string }>(
        `select count(*) from pg_stat_activity where usename = 'orders_app' and wait_event_type = 'Lock'`,
      );
      return Number(rows[0]!.count) >= 4; // the fifth leads
    }

    it.each(['orders.event', 'inventory.stock', 'checkout.inbox', 'orders.outbox'])(
      'LOCK TABLE %s for 10 s',
      async (table) => {
        const { customer: by, sku } = ground();
        // Without a transaction id of its own, unlike ACCESS EXCLUSIVE: see the next test.
        const lock = await holding(`lock table ${table} in exclusive mode`);
        const until = performance.now() + 10_000;
        let mostWaiting = 0;
        const watched = eventually(
          async () => {
            const { rows } = await admin().query<{ count: string }>(
              `select count(*) from pg_stat_activity where wait_event_type = 'Lock'`,
            );
            mostWaiting = Math.max(mostWaiting, Number(rows[0]!.count));
            return performance.now() > until;
          },
          { what: '10 s', withinMs: 20_000 },
        );
        const placing = placeOrders({ by, sku, count: 15, atOnce: 5 });
        await watched;
        await lock.release();
        const placed = await placing;
        await expectKept(by, placed);
        expect(slowestOf(placed)).toBeLessThan(10_000); // nobody waited for the lock to go
        expect(mostWaiting).toBeLessThanOrEqual(5 + 3); // one pool, and maintenance
        report(`LOCK TABLE ${table}, 10 s`, `${statusesOf(placed)}; never more than ${mostWaiting} waiting`);
      },
      120_000,
    );

    it('somebody else keeps a transaction with an id open for 10 s: messages wait for it, orders are taken', async () => {
      const { customer: by, sku } = ground();
      const lock = await holding('create table public.somebody_elses ()');
      const placed = await placeOrders({ by, sku, count: 10 });
      const until = performance.now() + 10_000;
      await eventually(() => performance.now() > until, { what: '10 s', withinMs: 20_000 });
      await lock.release();
      const began = performance.now();
      await expectKept(by, placed);
      const ms = Math.round(performance.now() - began);
      report('a transaction open for 10 s', `${statusesOf(placed)} at once; completed ${ms} ms after it ended`);
    }, 120_000);

    it('deadlocks with somebody who locks in the other order', async () => {
      const { customer: by, shop } = ground();
      const skus = await Promise.all(['A', 'B'].map((name) => shop.sell({ onHand: 1_000, name: `Tea ${name}` })));
      const lines = skus.toSorted().map((sku) => ({ sku, quantity: 1 }));
      const [last, first] = lines.map(({ sku }) => `select from inventory.stock where sku = '${sku}' for update`);
      const before = await deadlocks();
      const over = new AbortController();
      const opponent = (async () => {
        while (!over.signal.aborted) {
          // It waits longer than the shop before it looks for a deadlock, so the shop is the victim.
          const both = await holding(`set local deadlock_timeout to '5s'`, first!, 'select pg_sleep(0.02)', last!);
          await both.release();
        }
      })();
      const placed: PlacedOrder[] = [];
      const provoked = eventually(
        async () => {
          const { id } = await by.placeOrder({ lines });
          placed.push({ id, key: '', attempts: [{ status: 201, ms: 0 }] });
          return (await deadlocks()) >= before + 5;
        },
        { what: 'deadlocks', withinMs: 30_000 },
      );
      await provoked.finally(() => over.abort());
      await opponent;
      await expectKept(by, placed);
      report(`opposing locks, ${(await deadlocks()) - before} deadlocks`, `${placed.length} orders completed`);
    }, 120_000);

    async function deadlocks(): Promise<number> {
      const { rows } = await admin().query<{ deadlocks: string }>(
        `select sum(deadlocks) as deadlocks from pg_stat_database`,
      );
      return Number(rows[0]!.deadlocks);
    }

    it('every transaction is serializable: conflicts that otherwise wait are failures now', async () => {
      const { customer: by, sku } = ground();
      const isolation = async (level: string) => {
        for (const role of ['orders_app', 'inventory_app', 'payments_app']) {
          await admin().query(
            `alter role ${role} in database postgres set default_transaction_isolation to '${level}'`,
          );
          await ground().postgres.terminateAll(role);
        }
      };
      await isolation('serializable');
      const placed = await placeOrders({ by, sku, count: 30, atOnce: 8 });
      await expectKept(by, placed);
      const { rows } = await admin().query<{ rolled_back: string }>(
        `select xact_rollback as rolled_back from pg_stat_database where datname = 'postgres'`,
      );
      await isolation('read committed');
      report(
        `serializable, ${rows[0]!.rolled_back} rollbacks so far`,
        `${placed.length} orders; ${statusesOf(placed)}`,
      );
    }, 120_000);
  });
}
