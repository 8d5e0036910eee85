import { eventually } from '../support/eventually.js';
import { expecting } from '../support/client.js';
import { faultReport, itInFull } from '../support/faults/report.js';
import { expectInvariants } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';
import type { Page } from '../support/views.js';

interface HorizonView {
  context: string;
  waitingSeconds: number;
  holder: { pid: number; role: string; application: string; seconds: number } | null;
}

describe.each(topologies)("somebody's open transaction (%s)", (topology) => {
  const report = faultReport('A transaction left open in the cluster');
  let shop: Shop;
  let operator: User;
  beforeAll(async () => {
    shop = await topology.start();
    operator = await shop.operator();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());

  const horizon = async () => expecting(200, await operator.get<Page<HorizonView>>('/ops/horizon')).items;

  async function heldOpen(look: (pid: number, orderId: string) => Promise<void>): Promise<void> {
    const customer = await shop.customer();
    const stranger = await shop.database.connect();
    try {
      await stranger.query('begin');
      const { rows } = await stranger.query<{ pid: number }>('select pg_backend_pid() as pid, pg_current_xact_id()');
      const order = await customer.placeOrder();
      await look(rows[0]!.pid, order.id);
      expect((await customer.order(order.id)).status).toBe('placed'); // nothing goes on
      await stranger.query('commit');
      await customer.reached(order.id, 'completed');
    } finally {
      stranger.release(true);
    }
    await expectInvariants(shop, { traces: 0 });
  }

  const named = (pid: number) =>
    eventually(
      async () =>
        (await horizon()).find(
          (one) => one.context === 'orders' && one.holder?.pid === pid && one.waitingSeconds > 0.5,
        ),
      { what: 'the holder is named' },
    );

  it('is named at /ops/horizon and in the metrics while orders wait for it', async () => {
    await heldOpen(async (pid) => {
      const { holder, waitingSeconds } = await named(pid);
      expect(holder).toMatchObject({ pid, role: expect.any(String) });
      expect(holder!.seconds).toBeGreaterThanOrEqual(waitingSeconds);
      const metric = /^outbox_horizon_wait_seconds\{context="orders"\} (\S+)$/m.exec(await shop.metrics())?.[1];
      expect(Number(metric)).toBeGreaterThan(0);
      report('a transaction held open', `named within ${waitingSeconds.toFixed(1)} s; the order went on when it ended`);
    });
  }, 180_000);

  itInFull(
    'raises an alarm after ten seconds, with its process and how to end it',
    async () => {
      await heldOpen(async (pid) => {
        const line = await eventually(
          async () => shop.logs().find((one) => one.includes('messages have waited') && one.includes(`process ${pid}`)),
          { what: 'the alarm', withinMs: 30_000 },
        );
        expect(line).toContain(`select pg_terminate_backend(${pid})`);
        report('a transaction held open for more than 10 s', 'an alarm that names process, role and remedy');
      });
    },
    90_000,
  );
});
