import { isRunning } from '../support/faults/process-control.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { drain } from './drain.js';
import { kill } from './kill.js';

// A shop is dear to start: the same one ends in every way, one after another.
describe.each(topologies)('the shop ends (%s)', (topology) => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await topology.start();
  }, 180_000);
  beforeEach(async () => {
    if (!isRunning(shop.pid)) await shop.restart(); // the test before did not get that far
  });
  afterAll(() => shop?.[Symbol.asyncDispose]());

  kill(() => shop, topology.name);
  drain(() => shop);
});
