import { Database, Idempotency, UnitOfWork } from '@holdfast/data-consistency';
import { newId, type DataOf } from '@holdfast/messaging';
import { Inventory1795132800001 } from '../../../migrations/inventory/0001-inventory.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import type { ReserveStock } from './contracts/commands.js';
import { InventorySeed } from './inventory.seed.js';
import { OnExpireReservation } from './on-expire-reservation/on-expire-reservation.js';
import { OnIssueStock } from './on-issue-stock/on-issue-stock.js';
import { OnReleaseStock } from './on-release-stock/on-release-stock.js';
import { OnReserveStock } from './on-reserve-stock/on-reserve-stock.js';
import { OnRestockReturn } from './on-restock-return/on-restock-return.js';
import { OnSecureStock } from './on-secure-stock/on-secure-stock.js';
import { ReservationStore } from './reservation.store.js';
import { ReservedStock } from './reserved-stock.js';
import { SetOnHand, SetOnHandHandler } from './set-on-hand/set-on-hand.js';
import { StockStore } from './stock.store.js';

const own = ownDatabase('inventory', [Inventory1795132800001]);
let shop: ReturnType<typeof openShop>;

beforeAll(() => {
  shop = openShop(new Database(own.pool));
});

function openShop(database: Database) {
  const work = new UnitOfWork({
    context: 'inventory',
    database,
    idempotency: new Idempotency(database, 'inventory'),
    committed: () => {},
  });
  const stock = new StockStore(database);
  const reservations = new ReservationStore();
  const reserved = new ReservedStock(reservations, stock);
  const reserve = new OnReserveStock(reservations, stock, { reservationTtlMs: 60_000 });
  const release = new OnReleaseStock(reservations, reserved);
  const secure = new OnSecureStock(reservations);
  const issue = new OnIssueStock(reservations, reserved);
  const expire = new OnExpireReservation(reservations, reserved);
  const restock = new OnRestockReturn(stock);
  const setOnHand = new SetOnHandHandler(work, stock);
  return {
    stock: (sku: string) => stock.find(sku),
    seed: () => new InventorySeed(work, stock).seed(),
    put: (sku: string, onHand: number) => setOnHand.execute(new SetOnHand(sku, onHand)),
    reserve: (orderId: string, ...lines: DataOf<typeof ReserveStock>['lines']) =>
      work.run((tx) => reserve.reserve({ orderId, lines }, tx)),
    release: (orderId: string) => work.run((tx) => release.release({ orderId }, tx)),
    secure: (orderId: string) => work.run((tx) => secure.secure({ orderId }, tx)),
    issue: (orderId: string) => work.run((tx) => issue.issue({ orderId }, tx)),
    restock: (returnId: string, orderId: string, ...lines: DataOf<typeof ReserveStock>['lines']) =>
      work.run((tx) => restock.restock({ returnId, orderId, lines }, tx)),
    expire: (orderId: string) => work.run((tx) => expire.expire({ orderId }, tx)),
    said: async (key: string) => {
      const rows = await database.read<{ type: string }>(
        'select type from outbox where key = $1 order by xid, outbox.position',
        [key],
      );
      return rows.map(({ type }) => type.replace(/^inventory\.|\.v1$/g, ''));
    },
    ledger: (sku: string) =>
      database.one<{ on_hand: number; reserved: number; shipped: number; version: number }>(
        `select sum(on_hand)::int as on_hand, sum(reserved)::int as reserved, sum(shipped)::int as shipped,
                count(*)::int as version from stock_movement where sku = $1`,
        [sku],
      ),
  };
}

const orders = (count: number) => Array.from({ length: count }, newId);

async function expectLedgerToAgree(sku: string): Promise<void> {
  const stock = await shop.stock(sku);
  expect(await shop.ledger(sku)).toEqual({
    on_hand: stock!.onHand,
    reserved: stock!.reserved,
    shipped: stock!.shipped,
    version: stock!.version,
  });
}

describe('many buyers at once', () => {
  it('never get more of one product than there is', async () => {
    await shop.put('RUSH-1', 10);
    const buyers = orders(40);
    await Promise.all(buyers.map((orderId) => shop.reserve(orderId, { sku: 'RUSH-1', quantity: 1 })));

    const answers = (await Promise.all(buyers.map((orderId) => shop.said(orderId)))).map(([first]) => first);
    expect(answers.filter((answer) => answer === 'stock-reserved')).toHaveLength(10);
    expect(answers.filter((answer) => answer === 'stock-rejected')).toHaveLength(30);
    expect(await shop.stock('RUSH-1')).toMatchObject({ onHand: 10, reserved: 10, shipped: 0 });
    await expectLedgerToAgree('RUSH-1');
  });

  it('of several products in any order get all lines or nothing', async () => {
    await Promise.all([shop.put('PAIR-A', 30), shop.put('PAIR-B', 9)]);
    const [a, b] = [
      { sku: 'PAIR-A', quantity: 2 },
      { sku: 'PAIR-B', quantity: 1 },
    ];
    await Promise.all(orders(24).map((orderId, i) => shop.reserve(orderId, ...(i % 2 === 0 ? [a, b] : [b, a]))));

    expect(await shop.stock('PAIR-A')).toMatchObject({ reserved: 18 });
    expect(await shop.stock('PAIR-B')).toMatchObject({ reserved: 9 });
    await Promise.all([expectLedgerToAgree('PAIR-A'), expectLedgerToAgree('PAIR-B')]);
  });

  it('who want what nobody ever had are rejected', async () => {
    const orderId = newId();
    await shop.reserve(orderId, { sku: 'NEVER-SEEN', quantity: 1 });
    expect(await shop.said(orderId)).toEqual(['stock-rejected']);
  });
});

describe('one reservation', () => {
  beforeEach(() => shop.put('ONE-1', 5));
  afterEach(() => expectLedgerToAgree('ONE-1'));

  const buy = async () => {
    const orderId = newId();
    await shop.reserve(orderId, { sku: 'ONE-1', quantity: 2 });
    return orderId;
  };
  const counts = async () => {
    const { onHand, reserved, shipped } = (await shop.stock('ONE-1'))!;
    return { onHand, reserved, shipped };
  };

  it('is made once when it is asked for twice at the same time', async () => {
    const before = await counts();
    const orderId = newId();
    const asked = () => shop.reserve(orderId, { sku: 'ONE-1', quantity: 2 });
    await Promise.all([asked(), asked()]);
    await asked();
    expect(await counts()).toEqual({ ...before, reserved: before.reserved + 2 });
    expect((await shop.said(orderId)).filter((said) => said === 'expire-reservation')).toHaveLength(1);
    await shop.release(orderId);
  });

  it('is given back once, however often it is released', async () => {
    const before = await counts();
    const orderId = await buy();
    await Promise.all([shop.release(orderId), shop.release(orderId)]);
    await shop.release(orderId);
    expect(await counts()).toEqual(before);
  });

  it('is refused when its release came first', async () => {
    const before = await counts();
    const orderId = newId();
    await shop.release(orderId);
    await shop.reserve(orderId, { sku: 'ONE-1', quantity: 2 });
    expect(await shop.said(orderId)).toEqual(['stock-released', 'stock-rejected']);
    expect(await counts()).toEqual(before);
  });

  it('is either secured or expired, never both', async () => {
    const before = await counts();
    for (const orderId of [await buy(), await buy()]) {
      await Promise.all([shop.secure(orderId), shop.expire(orderId)]);
      const said = await shop.said(orderId);
      expect(said.includes('stock-secured')).not.toBe(said.includes('reservation-expired'));
      await shop.release(orderId);
    }
    expect(await counts()).toEqual(before);
  });

  it('leaves the house once when secured and issued, and then neither expires nor comes back', async () => {
    const before = await counts();
    const orderId = await buy();
    await shop.secure(orderId);
    await shop.issue(orderId);
    await shop.issue(orderId);
    await shop.expire(orderId);
    await shop.release(orderId);
    expect(await counts()).toEqual({ ...before, onHand: before.onHand - 2, shipped: before.shipped + 2 });
  });

  it('that expired cannot be secured or issued any more', async () => {
    const orderId = await buy();
    await shop.expire(orderId);
    await shop.secure(orderId);
    expect((await shop.said(orderId)).slice(-2)).toEqual(['reservation-expired', 'reservation-expired']);
    await expect(shop.issue(orderId)).rejects.toThrow('expired');
  });

  it('is never undercut by a stocktaking', async () => {
    const orderId = await buy();
    await expect(shop.put('ONE-1', 1)).rejects.toMatchObject({ status: 409 });
    await shop.release(orderId);
  });
});

it('seeds every tea once', async () => {
  await shop.seed();
  await shop.seed();
  expect(await shop.stock('TEA-020')).toEqual({ sku: 'TEA-020', onHand: 1_000, reserved: 0, shipped: 0, version: 1 });
  expect(await shop.said('TEA-001')).toEqual(['stock-changed']);
});

it('lets the application write movements, but neither change nor delete them', async () => {
  await shop.put('LEDGER-1', 1);
  for (const sql of ['update stock_movement set on_hand = 0', 'delete from stock_movement']) {
    await expect(own.pool.query(sql)).rejects.toMatchObject({ code: '42501' });
  }
});

describe('what comes back', () => {
  it('is on the shelf again, once for each return, and said as often as it is asked', async () => {
    await shop.put('BACK-1', 10);
    const orderId = newId();
    await shop.reserve(orderId, { sku: 'BACK-1', quantity: 5 });
    await shop.secure(orderId);
    await shop.issue(orderId);
    const [first, second] = [newId(), newId()];
    for (const returnId of [first, first, second])
      await shop.restock(returnId, orderId, { sku: 'BACK-1', quantity: 2 });
    expect(await shop.stock('BACK-1')).toMatchObject({ onHand: 9, reserved: 0, shipped: 1 });
    expect(await shop.said(first)).toEqual(['stock-restocked', 'stock-restocked']);
    await expectLedgerToAgree('BACK-1');
  });

  it('is never more than was ever shipped', async () => {
    await shop.put('BACK-2', 10);
    await expect(shop.restock(newId(), newId(), { sku: 'BACK-2', quantity: 1 })).rejects.toThrow(/ever shipped/);
    expect(await shop.stock('BACK-2')).toMatchObject({ onHand: 10, shipped: 0 });
  });
});
