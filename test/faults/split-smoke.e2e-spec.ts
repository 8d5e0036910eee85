import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';
import { topologyOf } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import type { User } from '../support/user.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-topology-'));
const file = path.join(folder, 'two-halves.yaml');
writeFileSync(
  file,
  `name: two-halves
processes:
  - { name: gateway, app: gateway }
  - { name: near, contexts: [users, catalog, inventory, orders] }
  - { name: far, contexts: [payments, shipping, notifications, checkout] }
`,
);

describe('the shop in two processes with one NATS between them', () => {
  let shop: Shop;
  let ada: User;
  let sku: string;

  beforeAll(async () => {
    shop = await topologyOf('two-halves', file).start();
    ada = await shop.customer();
    sku = await shop.sell({ amount: 650 });
  }, 180_000);
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    rmSync(folder, { recursive: true });
  });
  keepsItsWord(() => shop, { traces: 0 }); // the spans of killed processes are gone; the first test looks at one trace

  it('sells, as it does in one', async () => {
    const { id } = await ada.placeOrder({ sku, quantity: 2 });
    await ada.reached(id, 'completed');
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'completed', version: 6 });
    expect(await ada.payment(id)).toMatchObject({ status: 'captured', captured: 1_300 });
    // Its address was asked for across the border.
    expect(await ada.shipments(id)).toEqual([expect.objectContaining({ orderId: id, status: 'dispatched' })]);
    const { spans } = await traceOf(shop, id);
    expect(spans.map(({ name }) => name)).toContain('payments on-authorise-payment');
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
  });

  it('takes back what was begun when the payment is declined', async () => {
    const before = await shop.stock(sku);
    const { id } = await ada.placeOrder({ sku, token: 'tok_declined' });
    expect(await ada.reached(id, 'rejected')).toMatchObject({ status: 'rejected' });
    await eventually(async () => (await shop.stock(sku)).available === before.available, { what: 'stock is back' });
  });

  it('goes on after both processes were killed in the midst of purchases', async () => {
    const orders = await Promise.all(Array.from({ length: 10 }, () => ada.placeOrder({ sku })));
    for (const { name, pid } of processesBehind(shop.url).processes)
      if (name !== 'gateway' && pid) process.kill(pid, 'SIGKILL');
    await shop.quiet(90_000);
    // What was on its way is handled before a process that starts again hears anybody.
    const answers = async () => (await ada.get(`/api/v1/orders/${orders[0]!.id}`)).status === 200;
    await eventually(answers, { what: 'orders are answered for again', withinMs: 30_000 });
    for (const { id } of orders) await ada.reached(id, 'completed');
  }, 120_000);
});
