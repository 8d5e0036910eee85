// An event told through the unit of work, and the road's relay handing it to a conveyor that only looks at its clock.
import { OrderPlaced } from '../../dist/libs/contexts/orders/contracts/events.js';
import { newId } from '../../dist/libs/messaging/index.js';
import { closedLoop } from '../harness/closed-loop.mjs';
import { openRoad } from '../harness/road.mjs';
import { orderOf } from '../orders/order.mjs';
import { Journeys, steadyLoad } from './steady-load.mjs';

export async function start({ adminUrl, relay }) {
  const journeys = new Journeys();
  const conveyor = {
    name: 'clock',
    connect() {},
    lastCarried: async () => undefined, // keeps nothing: the relay trusts its own cursor
    async carry(batch) {
      for (const { subject } of batch) journeys.arrive(subject);
    },
  };
  const context = await openRoad({ adminUrl, context: 'orders', conveyor });
  const { work } = context.road;
  if (relay) context.road.start();
  let written = 0;

  const write = async () => {
    const order = orderOf(newId());
    if (relay) journeys.depart(order.orderId);
    await work.run((tx) => tx.emit(OrderPlaced, order));
    written++;
  };

  return {
    pg: context.pg,
    async window({ ms, concurrency, perSecond }) {
      if (perSecond) return steadyLoad({ ms, perSecond, write, journeys });
      const sample = await closedLoop({ ms, concurrency, operation: write });
      await journeys.allArrived(); // the next window must not pay for this one
      return sample;
    },
    async verify() {
      const found = {
        outbox: await context.count('outbox'),
        relayed: journeys.arrived,
        lost: journeys.missing,
        twice: journeys.unexpected,
      };
      const expected = { outbox: written, relayed: relay ? written : 0, lost: 0, twice: 0 };
      return { found, expected, failures: context.failures.map(String) };
    },
    close: context.close,
  };
}
