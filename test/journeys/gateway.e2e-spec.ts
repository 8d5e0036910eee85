import { expecting, expectProblem } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { inFull } from '../support/faults/report.js';
import { Peer } from '../support/peer.js';
import type { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';
import { TopologyFile } from '../support/topology-file.js';
import { topologyOf } from '../support/topology.js';
import { traceOf } from '../support/traces.js';
import type { User } from '../support/user.js';
import { internalIdentity } from '../topology/internal-identity.js';

describe('a gateway before two replicas of everything', () => {
  let shop: Shop;
  let ada: User;
  let sku: string;
  let gateway: Peer;

  beforeAll(async () => {
    using file = new TopologyFile('gateway-and-two', [{ name: 'shop', app: 'monolith', replicas: 2 }]);
    shop = await topologyOf('gateway-and-two', file.path).start();
    gateway = new Peer(behind().certificates!.pathsOf('gateway'));
    ada = await shop.customer();
    sku = await shop.sell({ amount: 650 });
  }, 180_000);
  afterAll(async () => {
    await gateway?.close();
    await shop?.[Symbol.asyncDispose]();
  });

  const behind = () => processesBehind(shop.url);
  const direct = (path: string) => gateway.get(`${behind().targets.orders![0]}${path}`);
  const named = (name: string) => behind().processes.find((one) => one.name === name)!;

  it('sells, through whichever replica', async () => {
    const orders = [];
    for (let index = 0; index < 4; index++) orders.push(await ada.placeOrder({ sku, quantity: 1 }));
    await shop.quiet();
    for (const { id } of orders) expect(await ada.order(id)).toMatchObject({ status: 'completed', version: 6 });
    expect(await shop.stock(sku)).toMatchObject({ onHand: 96, reserved: 0 });
  });

  it('says the same bytes as one process about itself', async () => {
    for (const path of ['/asyncapi.json', '/problems']) {
      const [own, theirs] = await Promise.all([shop.get(path), direct(path)]);
      expect([path, own.status, own.text]).toEqual([path, 200, await theirs.text()]);
      expect(own.headers.get('content-type')).toBe(theirs.headers.get('content-type'));
    }
  });

  it('is the only one with documents for people', async () => {
    expect((await shop.get('/docs-json')).status).toBe(200); // which bytes: documents.e2e-spec.ts
    expect((await direct('/docs-json')).status).toBe(404);
  });

  internalIdentity(async () => shop.shared());

  it('answers what is wrong like one process', async () => {
    expectProblem(await shop.get('/api/v1/nothing'), 404, 'not-found');
    expectProblem(await shop.request('DELETE', `/api/v1/products/${sku}`), 405, 'method-not-allowed');
    expectProblem(await shop.post('/api/v1/users', { email: 'x'.repeat(300_000) }), 413, 'body-too-large');
    expectProblem(await shop.get('/api/v1/users/me'), 401);
    expectProblem(await shop.get('/api/v1/orders', { headers: { 'x-user-id': 'root', 'x-roles': 'admin' } }), 401);
    expectProblem(await ada.get('/api/v1/products%2fx'), 400, 'invalid-path');
    expectProblem(await shop.request('POST', '/api/v1/users', { raw: '{' }), 400, 'malformed-json');
  });

  it('answers operators for all processes together', async () => {
    const { id } = await ada.placeOrder({ sku });
    await shop.quiet();
    const operator = await shop.operator();
    type List = { items: { context: string }[]; nextCursor?: string | null };
    const backlog = expecting(200, await operator.get<List>('/ops/backlog'));
    expect(backlog.items.map(({ context }) => context)).toEqual(Object.keys(behind().targets));
    const sagas = expecting(200, await operator.get<List>('/ops/sagas?limit=2'));
    expect(sagas.items.length).toBe(2);
    expect(expecting(200, await operator.get<{ context: string }>(`/ops/sagas/${id}`)).context).toBe('checkout');
    expectProblem(await operator.get('/ops/sagas/01a1f8a6-0b7d-72a6-99f9-0588e4aeda08'), 404);
    expectProblem(await operator.get('/ops/messages?limit=0'), 400, 'invalid-input');
    expectProblem(await ada.get('/ops/backlog'), 403);
    const { spans } = await traceOf(shop, id);
    expect(spans.filter(({ parentSpanId }) => parentSpanId === undefined)).toHaveLength(1);
    expect(new Set(spans.map(({ service }) => service))).toContain('gateway');
  });

  it('shows operators who lives where, in one list', async () => {
    const operator = await shop.operator();
    type Resident = { context: string; process: string; pid: number; url: string; state: string };
    const { items } = expecting(200, await operator.get<{ items: Resident[] }>('/ops/topology'));
    const { targets } = behind();
    expect(items.length).toBe(2 * Object.keys(targets).length);
    expect(new Set(items.map(({ pid }) => pid))).toEqual(new Set([named('shop-1').pid, named('shop-2').pid]));
    expect(
      items
        .filter(({ context }) => context === 'orders')
        .map(({ url }) => url)
        .toSorted(),
    ).toEqual(targets.orders!.toSorted());
    expect(items.every(({ state }) => state === 'ready')).toBe(true);
    expectProblem(await ada.get('/ops/topology'), 403);
  });

  const replicas = () => [named('shop-1'), named('shop-2')];
  const areBack = () =>
    eventually(() => replicas().every(({ state }) => state === 'ready'), {
      what: 'the replicas are back',
      withinMs: 30_000,
    });

  it('does without a replica that was killed', async () => {
    for (const { pid } of inFull ? replicas() : replicas().slice(0, 1)) {
      process.kill(pid!, 'SIGKILL');
      for (let round = 0; round < 20; round++) expect((await shop.get(`/api/v1/products/${sku}`)).status).toBe(200);
      if (inFull) await areBack();
    }
  });

  it('says quickly that nobody answers, and when to come back, and sells again once they are back', async () => {
    for (const { pid, state } of replicas()) if (state !== 'waiting') process.kill(pid!, 'SIGKILL');
    // A request that meets a process in the moment of its death is a 502; from then on nobody is there to be asked.
    const answer = await eventually(
      async () => {
        const tried = await shop.get(`/api/v1/products/${sku}`, { withinMs: 2_000 });
        return tried.status === 502 ? undefined : tried;
      },
      { what: 'nobody answers', withinMs: 3_000 },
    );
    expectProblem(answer, 503, 'unavailable');
    expect(answer.headers.get('retry-after')).toBe('1');
    expect((await shop.get('/readyz')).status).toBe(200);
    await areBack();
    await eventually(async () => (await shop.get(`/api/v1/products/${sku}`)).status === 200, {
      what: 'the gateway has them back',
    });
    expect((await ada.placeOrder({ sku })).status).toBe('placed');
    await shop.quiet();
  });
});
