import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';
import { topologyOf } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import type { User } from '../support/user.js';

describe('one process per context', () => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topologyOf('split').start({ env: { DATABASE_POOL_SIZE: '4' } });
    ada = await shop.customer();
    sku = await shop.sell({ amount: 650 });
  }, 180_000);
  afterAll(() => shop?.[Symbol.asyncDispose]());
  let killed = false;
  keepsItsWord(
    () => shop,
    () => (killed ? { traces: 0 } : {}), // the spans of a killed process are gone
  );

  it('sells as one process does', async () => {
    const order = await ada.placeOrder({ sku, quantity: 2 });
    await shop.quiet();
    expect(await ada.order(order.id)).toMatchObject({ status: 'completed', version: 6, total: order.total });
    expect(await shop.stock(sku)).toMatchObject({ onHand: 98, reserved: 0, available: 98 });
    expect(await ada.shipments(order.id)).toEqual([expect.objectContaining({ status: 'dispatched' })]);
    expect(await ada.payment(order.id)).toMatchObject({ status: 'captured', captured: 1_300 });
  });

  it('is one trace over all processes', async () => {
    const { id } = await ada.placeOrder({ sku });
    await shop.quiet();
    const { spans } = await traceOf(shop, id);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    const services = new Set(spans.map(({ service }) => service));
    for (const name of ['gateway', 'orders', 'checkout', 'inventory', 'payments', 'shipping'])
      expect(services).toContain(name);
  });

  it('loses nothing when every context is killed while orders are under way', async () => {
    const orders = await Promise.all(Array.from({ length: 8 }, () => ada.placeOrder({ sku })));
    killed = true;
    for (const one of processesBehind(shop.url).processes)
      if (one.name !== 'gateway' && one.pid) process.kill(one.pid, 'SIGKILL');
    await shop.quiet(90_000);
    for (const { id } of orders) expect(await ada.order(id)).toMatchObject({ status: 'completed' });
  }, 120_000);
});
