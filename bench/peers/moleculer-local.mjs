import { ServiceBroker } from 'moleculer';
import { callLoop, reply } from '../calls/call-loop.mjs';

export async function start() {
  const broker = new ServiceBroker({ logger: false });
  broker.createService({
    name: 'orders',
    actions: { destination: async ({ params }) => (params.pieces > 0 ? reply : undefined) },
  });
  await broker.start();
  return {
    window: ({ ms }) => callLoop({ ms, call: (input) => broker.call('orders.destination', input) }),
    close: () => broker.stop(),
  };
}
