import { inFull } from '../../support/faults/report.js';
import type { Shop } from '../../support/shop.js';
import { TopologyFile } from '../../support/topology-file.js';
import { topologyOf } from '../../support/topology.js';
import { replicasByNats } from './replicas-by-nats.js';

// In `npm test` the shop of test/faults/split/one-ground.e2e-spec.ts has two replicas, too.
(inFull ? describe : describe.skip)('a shop of two processes, one of them twice', () => {
  let shop: Shop;

  beforeAll(async () => {
    const rest = ['users', 'catalog', 'inventory', 'payments', 'shipping', 'notifications', 'checkout'];
    using file = new TopologyFile('two-orders', [
      { name: 'orders', contexts: ['orders'], replicas: 2 },
      { name: 'rest', contexts: rest },
    ]);
    const topology = topologyOf('two-orders', file.path);
    shop = await topology.start({ env: { DATABASE_POOL_SIZE: '4', LOG_LEVEL: 'warn' } });
  }, 300_000);
  afterAll(() => shop?.[Symbol.asyncDispose]());

  replicasByNats(() => shop);
});
