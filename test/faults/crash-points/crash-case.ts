import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { CrashMode } from '@holdfast/data-consistency';
import { eventually } from '../../support/eventually.js';
import { CrashRoom } from '../../support/faults/crash-room.js';
import { expectInvariants } from '../../support/invariants.js';
import { persistently as patiently } from '../../support/persistently.js';
import { poison } from '../../support/poison.js';
import type { Shop } from '../../support/shop.js';
import type { Topology } from '../../support/topology.js';
import type { Basket, User } from '../../support/user.js';
import type { OrderView } from '../../support/views.js';

/** A process that died has to start again in between, on a machine that may be busy. */
const persistently: typeof patiently = (wanted, send) => patiently(wanted, send, 120_000);

export interface CrashCase {
  label: string;
  /** At which passage of the point. */
  nth: number;
  mode: CrashMode;
}

/** A shop whose process crashes where it is told to, with the purchases that pass every point. */
export class CrashSite {
  private constructor(
    private readonly shop: Shop,
    readonly room: CrashRoom,
    private readonly sku: string,
    private readonly scarce: string,
  ) {}

  static async open(topology: Topology): Promise<CrashSite> {
    const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-crash-'));
    const shop = await topology.start({ env: { HOLDFAST_CRASH_POINTS: folder } });
    const [sku, scarce] = [await shop.sell({ onHand: 1_000_000 }), await shop.sell({ onHand: 1 })];
    return new CrashSite(shop, new CrashRoom(() => shop, folder), sku, scarce);
  }

  /** All points that the purchase, its ways back and a return pass, by label, and how often. */
  async survey(): Promise<Map<string, number>> {
    const ada = await this.shop.customer();
    await this.room.order({ record: true });
    await this.parking();
    await this.purchases(ada);
    await this.shop.quiet();
    await this.election();
    await this.clean();
    return this.room.passed;
  }

  /** Whether the process got there; fails when an invariant does not hold afterwards. */
  async run({ label, nth, mode }: CrashCase): Promise<boolean> {
    const { shop, room } = this;
    const ada = await shop.customer();
    await room.order({ label, nth, mode });
    let over = false;
    let unasked: Error | undefined;
    const restarted = shop.exited.then(async (code) => {
      if (over) return;
      const killed = room.crashed && mode !== 'lose-reply';
      if (!killed) unasked = new Error(`It ended by itself (${code}):\n${shop.logs().slice(-8).join('\n')}`);
      await shop.restart().catch(() => shop.restart()); // a busy machine may need more than a minute
    });
    restarted.catch(() => {}); // it is awaited below, when the purchases have ended
    const parking = label.startsWith('inbox.park(') || label.includes('$4, claimed_until');
    if (parking || label.startsWith('database.statement')) await this.parking();
    const placed = await this.purchases(ada);
    await shop.quiet();
    if (!room.crashed) await this.election(); // some points are passed by a new leader only
    const crashed = await room.calm();
    if (crashed && mode !== 'lose-reply') await restarted;
    over = true;
    if (unasked) throw unasked;
    await shop.quiet();
    await this.clean();
    await expectInvariants(shop, { traces: 0 });
    const ends = await Promise.all(placed.map(async ({ id }) => (await ada.order(id)).status));
    expect(ends.filter((status) => !['completed', 'cancelled', 'rejected'].includes(status))).toEqual([]);
    expect(ends.slice(0, 4)).toEqual(['completed', 'completed', 'rejected', 'rejected']);
    const returned = await Promise.all(placed.slice(0, 2).map(({ id }) => ada.returns(id)));
    expect(returned.map((some) => some.map(({ status }) => status))).toEqual([['refunded'], ['refunded']]);
    return crashed;
  }

  async close(): Promise<void> {
    await this.shop[Symbol.asyncDispose]();
    rmSync(this.room.folder, { recursive: true, force: true });
  }

  /** Two that go well and come back, one of them with difficulties; one that is declined, one out of stock, one cancelled at each stage. */
  private async purchases(ada: User): Promise<OrderView[]> {
    const { sku, scarce } = this;
    const place = (basket: Basket) => {
      const key = randomUUID();
      return persistently(201, () => ada.tryPlaceOrder(basket, key));
    };
    const cancelAfter = async (basket: Basket, status: string) => {
      const order = await place(basket);
      let seen = order.status as string;
      while (seen === 'placed' && seen !== status)
        seen = (await persistently(200, () => this.view(ada, order.id))).status;
      const key = randomUUID();
      await persistently([200, 409], () => ada.cancel(order.id, key));
      return order;
    };
    const thenReturn = async (basket: Basket) => {
      const order = await place(basket);
      const completed = async () => (await persistently(200, () => this.view(ada, order.id))).status === 'completed';
      await eventually(completed, { what: `order ${order.id} is completed`, withinMs: 120_000 });
      const key = randomUUID();
      await persistently(201, () => ada.tryReturn(order.id, [{ sku, quantity: 1 }], { key }));
      return order;
    };
    return Promise.all([
      thenReturn({ sku, provider: 'globex' }),
      thenReturn({ sku, provider: 'acme', token: 'tok_unknown_then_ok' }),
      place({ sku, provider: 'acme', token: 'tok_declined' }),
      place({ lines: [{ sku: scarce, quantity: 2 }] }),
      cancelAfter({ sku, provider: 'acme' }, 'placed'),
      cancelAfter({ sku, provider: 'globex', token: 'tok_flaky' }, 'reserved'),
      place({ sku, provider: 'globex', token: 'tok_flaky' }), // its first attempts fail and are tried again
    ]);
  }

  private view(ada: User, id: string) {
    return ada.get<OrderView>(`/api/v1/orders/${id}`);
  }

  /** What no purchase brings about: a message that is parked. */
  private async parking(): Promise<void> {
    await poison(this.shop.database, { context: 'payments', data: { nonsense: true } });
  }

  /** Ends every leader's session; returns when each context has a leader again, or the process crashed over it. */
  private async election(): Promise<void> {
    const { rowCount: leaders } = await this.shop.database.query(`select pg_terminate_backend(pid) ${LEADERS}`);
    const count = async () => (await this.shop.database.query(`select ${LEADERS}`)).rowCount;
    await eventually(async () => this.room.crashed || (await count()) === leaders, { what: 'new leaders' });
    await this.shop.quiet();
  }

  private async clean(): Promise<void> {
    await this.shop.database.query(`delete from payments.inbox where parked_at is not null and done_at is null
                                    and envelope->'data'->>'nonsense' is not null`);
  }
}

const LEADERS = `from pg_locks where locktype = 'advisory' and granted and objsubid = 2
  and classid = (hashtext('holdfast leader')::bigint & 4294967295)::oid
  and database = (select oid from pg_database where datname = current_database())`;
