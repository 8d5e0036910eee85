import { ServiceBroker } from 'moleculer';
import { reply } from '../calls/call-loop.mjs';
import { askLoop } from '../remote-calls/ask-loop.mjs';

export async function start({ url, role }) {
  const broker = new ServiceBroker({ nodeID: role, transporter: url, logger: false });
  if (role === 'answer') {
    broker.createService({
      name: 'remote',
      actions: { destination: async ({ params }) => (params.pieces > 0 ? reply : undefined) },
    });
  }
  await broker.start();
  if (role === 'ask') await broker.waitForServices('remote');
  return { ...askLoop((input) => broker.call('remote.destination', input)), close: () => broker.stop() };
}
