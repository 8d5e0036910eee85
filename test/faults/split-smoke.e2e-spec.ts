import type { RunningApp } from '../../scripts/launch/app.mjs';
import { freePort } from '../../scripts/launch/ports.mjs';
import { startMonolith } from '../../scripts/launch/shop.mjs';
import type { Support } from '../../scripts/launch/support.mjs';
import { Client, expecting } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import { NatsServer } from '../support/nats-server.js';
import { Shop, type Processes } from '../support/shop.js';
import { monolith } from '../support/topology.js';
import { orphansOf, traceOf, type Trace } from '../support/traces.js';
import type { User } from '../support/user.js';
import type { Page, PaymentView, ShipmentView } from '../support/views.js';

const NEAR = 'users,catalog,inventory,orders';
const FAR = 'payments,shipping,notifications,checkout';
/** Whose routes the second process has. */
const FAR_ROUTES = ['/api/v1/payments', '/api/v1/shipments'];

let shop: Shop;
let nats: NatsServer;
let farPort: number;
let far: RunningApp;
let ada: User;
let sku: string;

function start(contexts: string, place: Parameters<Processes['start']>[0]): Promise<RunningApp> {
  const { port, env, output } = place;
  const own = { ...env, PORT: String(port), CONTEXTS: contexts };
  return startMonolith({ port, env: own, note: () => undefined } as unknown as Support, { output });
}

const twoProcesses: Processes = {
  prepare: (url, env, output) => monolith.prepare(url, { ...env, NATS_URL: '' }, output),
  async start(place) {
    const [near, other] = await Promise.all([start(NEAR, place), start(FAR, { ...place, port: farPort })]);
    far = other;
    return near;
  },
};

/** The same user at the process that has the route. */
function at(user: User, route: string): Client {
  const isFar = FAR_ROUTES.some((prefix) => route.startsWith(prefix));
  return isFar ? new Client(`http://127.0.0.1:${farPort}`, () => user.tokens.accessToken) : user;
}

async function list<Item>(user: User, route: string): Promise<Item[]> {
  return expecting(200, await at(user, route).get<Page<Item>>(route)).items;
}

describe('the shop in two processes with one NATS between them', () => {
  beforeAll(async () => {
    [nats, farPort] = [await NatsServer.start(), await freePort()];
    const webhooks = `http://127.0.0.1:${farPort}/api/v1/payments/webhooks`;
    shop = await Shop.start(twoProcesses, { env: { NATS_URL: nats.url, PAYMENT_PROVIDER_WEBHOOK_URL: webhooks } });
    ada = await shop.customer();
    sku = await shop.sell({ amount: 650 });
  }, 120_000);
  afterAll(async () => {
    await far?.stop();
    await shop?.[Symbol.asyncDispose]();
    await nats?.remove();
  });
  keepsItsWord(() => shop, { traces: 0 }); // one process knows half of each; the first test puts them together

  it('sells, as it does in one', async () => {
    const { id } = await ada.placeOrder({ sku, quantity: 2 });
    await ada.reached(id, 'completed');
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'completed', version: 6 });
    expect(await list<PaymentView>(ada, `/api/v1/payments?orderId=${id}`)).toEqual([
      expect.objectContaining({ status: 'captured', captured: 1_300 }),
    ]);
    const [shipment] = await list<ShipmentView>(ada, `/api/v1/shipments?orderId=${id}`);
    expect(shipment).toMatchObject({ orderId: id, status: 'dispatched' }); // its address was asked for across the border
    const near = await traceOf(shop, id);
    const { tokens } = await shop.operator();
    const other = new Client(`http://127.0.0.1:${farPort}`, () => tokens.accessToken);
    const { spans } = expecting(200, await other.get<Trace>(`/ops/traces/${near.traceId}`));
    expect(spans.map(({ name }) => name)).toContain('payments on-authorise-payment');
    expect(orphansOf({ traceId: near.traceId, spans: [...near.spans, ...spans] })).toEqual([]);
  });

  it('takes back what was begun when the payment is declined', async () => {
    const before = await shop.stock(sku);
    const { id } = await ada.placeOrder({ sku, token: 'tok_declined' });
    expect(await ada.reached(id, 'rejected')).toMatchObject({ status: 'rejected' });
    await eventually(async () => (await shop.stock(sku)).available === before.available, { what: 'stock is back' });
  });

  it('goes on after both processes were killed in the midst of purchases', async () => {
    const orders = await Promise.all(Array.from({ length: 10 }, () => ada.placeOrder({ sku })));
    far.kill();
    await Promise.all([shop.kill(), far.exited]);
    await shop.restart();
    for (const { id } of orders) await ada.reached(id, 'completed');
  }, 90_000);
});
