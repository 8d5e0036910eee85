import { placeOrders, type PlacedOrder, expectKept } from '../../support/faults/orders-under-fault.js';
import { faultReport, inFull } from '../../support/faults/report.js';
import { expectInvariants } from '../../support/invariants.js';
import { NatsServer } from '../../support/nats-server.js';
import { partitionFile, seedOf } from '../../support/partition.js';
import { contextsOf, noise } from '../../support/quiet.js';
import { undelivered } from '../../support/readers.js';
import type { Processes, Shop } from '../../support/shop.js';
import { Shop as AnyShop } from '../../support/shop.js';
import { supervised } from '../../support/supervised.js';
import { TopologyFile } from '../../support/topology-file.js';
import { monolith } from '../../support/topology.js';

const ORDERS = inFull ? 200 : 8;
const seed = seedOf(process.env.TOPOLOGIES);
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
  const belongings = new AsyncDisposableStack();
  const changing = new Changing();
  let shop: Shop;

  const inOne: Processes = {
    ...monolith,
    start: (place) => monolith.start({ ...place, env: { ...place.env, NATS_URL: '' } }),
  };
  const inMany = (file: string) => supervised(file, monolith.prepare);
  const grouping = belongings.use(
    new TopologyFile('grouping', [
      { name: 'group-1', contexts: ['users', 'catalog', 'orders'] },
      { name: 'group-2', contexts: ['inventory', 'payments'] },
      { name: 'group-3', contexts: ['shipping', 'notifications', 'checkout'] },
    ]),
  );
  const thrown = belongings.use(partitionFile(seed));
  const ROAD: [name: string, processes: Processes][] = [
    [`partition:${seed}`, inMany(thrown.path)],
    ['one process', inOne],
  ];
  if (inFull) ROAD.unshift(['split', inMany('topology/split.yaml')], ['three groups', inMany(grouping.path)]);

  beforeAll(async () => {
    const nats = await NatsServer.start();
    belongings.defer(() => nats.remove());
    changing.become(inOne);
    shop = belongings.use(await AnyShop.start(changing, { env: { NATS_URL: nats.url, DATABASE_POOL_SIZE: '4' } }));
  }, 180_000);
  afterAll(() => belongings.disposeAsync(), 180_000);

  /** What the road holds, and how many purchases are under way. */
  async function underWay(): Promise<string> {
    const contexts = await contextsOf(shop.database);
    const moving = await noise(shop.database, contexts, await undelivered(contexts));
    const found = moving.filter(({ what }) => what !== 'projection');
    const sagas = found.filter(({ what }) => what === 'saga').length;
    expect(found.length).toBeGreaterThan(0); // a purchase that is but a message in an outbox counts, too
    return `${sagas} purchases and ${found.length - sagas} messages under way`;
  }

  it(`from one process to ${ROAD.map(([name]) => name).join(', to ')}: nothing is lost, nothing is done twice`, async () => {
    const ada = await shop.customer();
    const sku = await shop.sell({ onHand: 1_000_000 });
    const placed: PlacedOrder[] = [];
    let was = 'one process';
    for (const [name, processes] of ROAD) {
      for (const operation of ['authorise', 'capture'] as const) {
        await shop.provider.fault({ provider: 'acme', operation, kind: 'slow-body', delayMs: 400, times: ORDERS });
      }
      placed.push(...(await placeOrders({ by: ada, sku, count: ORDERS, atOnce: 6 })));
      await shop.kill(); // in the midst: everything they were about to do is in their databases, or in the broker
      const had = await underWay();
      changing.become(processes);
      await shop.restart();
      await shop.provider.clearFaults();
      const after = await placeOrders({ by: ada, sku, count: 3 });
      placed.push(...after);
      await shop.quiet(120_000);
      await expectKept(ada, placed);
      await expectInvariants(shop, { traces: 0 });
      report(`${was} → ${name}, ${had}`, `all ${placed.length} orders completed, each captured once`);
      was = name;
    }
  }, 900_000);
});
