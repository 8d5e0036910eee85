import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { placeOrders, type PlacedOrder, expectKept } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { expectInvariants } from '../../support/invariants.js';
import { NatsServer } from '../../support/nats-server.js';
import { contextsOf, noise } from '../../support/quiet.js';
import { undelivered } from '../../support/readers.js';
import type { Processes, Shop } from '../../support/shop.js';
import { Shop as AnyShop } from '../../support/shop.js';
import { supervised } from '../../support/supervised.js';
import { monolith } from '../../support/topology.js';

const ORDERS = inFull ? 200 : 12;
const report = faultReport('Another topology on the same data');

/** Runs what `next` names; the data stay. */
class Changing implements Processes {
  prepare = monolith.prepare;
  private current: Processes = monolith;

  become(next: Processes): void {
    this.current = next;
  }

  start: Processes['start'] = (place) => this.current.start(place);
}

describe('a shop that becomes another topology in the midst of its purchases', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-topology-'));
  const changing = new Changing();
  let nats: NatsServer;
  let shop: Shop;

  const inOne: Processes = {
    ...monolith,
    start: (place) => monolith.start({ ...place, env: { ...place.env, NATS_URL: '' } }),
  };
  const split = supervised('topology/split.yaml', monolith.prepare);
  const grouped = supervised(path.join(folder, 'grouping.yaml'), monolith.prepare);

  beforeAll(async () => {
    const groups = ['users, catalog, orders', 'inventory, payments', 'shipping, notifications, checkout'];
    const lines = groups.map((contexts, index) => `  - { name: group-${index + 1}, contexts: [${contexts}] }\n`);
    const head = 'name: grouping\nprocesses:\n  - { name: gateway, app: gateway }\n';
    writeFileSync(path.join(folder, 'grouping.yaml'), head + lines.join(''));
    nats = await NatsServer.start();
    changing.become(inOne);
    shop = await AnyShop.start(changing, { env: { NATS_URL: nats.url, DATABASE_POOL_SIZE: '4' } });
  }, 180_000);
  afterAll(async () => {
    await shop?.[Symbol.asyncDispose]();
    await nats?.remove();
    rmSync(folder, { recursive: true });
  }, 180_000);

  /** What the road holds, and how many purchases are under way. */
  async function underWay(): Promise<string> {
    const contexts = await contextsOf(shop.database);
    const moving = await noise(shop.database, contexts, await undelivered(contexts));
    const found = moving.filter(({ what }) => what !== 'projection');
    const sagas = found.filter(({ what }) => what === 'saga').length;
    expect(found.length).toBeGreaterThan(0); // a purchase that is but a message in an outbox counts, too
    return `${sagas} purchases and ${found.length - sagas} messages under way`;
  }

  it('from one process to many, to a grouping, and back: nothing is lost, nothing is done twice', async () => {
    const ada = await shop.customer();
    const sku = await shop.sell({ onHand: 1_000_000 });
    const placed: PlacedOrder[] = [];
    const ways = [
      ['one process → split', split],
      ...(inFull ? ([['split → three groups', grouped]] as const) : []),
      [`${inFull ? 'three groups' : 'split'} → one process`, inOne],
    ] as const;
    for (const [way, next] of ways) {
      for (const operation of ['authorise', 'capture'] as const) {
        await shop.provider.fault({ provider: 'acme', operation, kind: 'slow-body', delayMs: 400, times: ORDERS });
      }
      placed.push(...(await placeOrders({ by: ada, sku, count: ORDERS, atOnce: 6 })));
      await shop.kill(); // in the midst: everything they were about to do is in their databases, or in the broker
      const had = await underWay();
      changing.become(next);
      await shop.restart();
      await shop.provider.clearFaults();
      const after = await placeOrders({ by: ada, sku, count: 3 });
      placed.push(...after);
      await shop.quiet(120_000);
      await expectKept(ada, placed);
      await expectInvariants(shop, { traces: 0 });
      report(`${way}, ${had}`, `all ${placed.length} orders completed, each captured once`);
    }
  }, 900_000);
});
