import { NatsQueries, connectNats } from '../../dist/libs/messaging/index.js';
import { reply } from '../calls/call-loop.mjs';
import { Destination } from '../calls/destination.mjs';
import { askLoop } from './ask-loop.mjs';

export async function start({ url, role }) {
  const connection = await connectNats({ url, name: role });
  const queries = new NatsQueries({ connection, strict: false });
  const close = () => connection.close();
  if (role === 'ask') return { ...askLoop((input) => queries.ask(Destination, input)), close };
  queries.answer(Destination, async ({ pieces }) => (pieces > 0 ? reply : undefined));
  queries.server.listen(() => {});
  await connection.flush();
  return { close };
}
