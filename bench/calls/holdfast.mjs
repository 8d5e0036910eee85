import { Queries } from '../../dist/libs/messaging/index.js';
import { callLoop, reply } from './call-loop.mjs';
import { Destination } from './destination.mjs';

export function start({ strict }) {
  const queries = new Queries({ strict });
  queries.answer(Destination, async ({ pieces }) => (pieces > 0 ? reply : undefined));
  return { window: ({ ms }) => callLoop({ ms, call: (input) => queries.ask(Destination, input) }) };
}
