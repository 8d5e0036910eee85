import { BrokenGround } from '../../support/faults/broken-ground.js';
import { eventually, inParallel } from '../../support/eventually.js';
import {
  expectKept,
  expectTemporary,
  type PlacedOrder,
  placeOrders,
  statusesOf,
} from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { SmallDisk } from '../../support/faults/tmpfs.js';

const settings = { min_wal_size: '32MB', max_wal_size: '64MB', shared_buffers: '16MB' };

const disk = inFull ? SmallDisk.mount(256) : undefined;

(disk ? describe : describe.skip)('the disk of PostgreSQL is full', () => {
  const report = faultReport('Disk full');
  let ground: BrokenGround;

  beforeAll(async () => {
    ground = await BrokenGround.start({ folder: disk!.path, settings });
  }, 120_000);
  afterAll(async () => {
    await ground?.[Symbol.asyncDispose]();
    disk!.unmount();
  }, 180_000);

  it('refuses writes while it is full, and goes on when there is room', async () => {
    const { customer: by, sku } = ground;
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      const kept = await placeOrders({ by, sku, count: 5 });
      disk!.fill();
      const refusals = await refusedBecauseFull(disk!, kept);
      expect((await ground.shop.get('/readyz')).status).toBe(200);
      const waiting = placeOrders({ by, sku, count: 5 });
      disk!.free();
      const began = performance.now();
      const placed = [...kept, ...(await waiting)];
      const back = Math.round(performance.now() - began);
      await expectKept(by, placed);
      await ground.holds();
      report(`disk full, round ${round + 1}`, `${refusals}× 503; ${statusesOf(placed)}; orders again ${back} ms after`);
    }
  }, 300_000);

  /** Orders on until PostgreSQL has used up what it had set aside. Keeps what was taken meanwhile. */
  async function refusedBecauseFull(full: SmallDisk, kept: PlacedOrder[]): Promise<number> {
    let refusals = 0;
    await eventually(
      async () => {
        full.fill();
        await ground.postgres.admin.query('select pg_switch_wal()').catch(() => undefined);
        const answers = await inParallel(Array.from({ length: 5 }), 5, () =>
          ground.customer.tryPlaceOrder({ sku: ground.sku }),
        );
        for (const answer of answers) {
          if (answer.status === 201) kept.push({ id: answer.body.id, key: '', attempts: [{ status: 201, ms: 0 }] });
          else expectTemporary(answer);
        }
        refusals += answers.filter(({ status }) => status === 503).length;
        return refusals >= 10;
      },
      { what: 'orders refused', withinMs: 60_000 },
    );
    return refusals;
  }
});
