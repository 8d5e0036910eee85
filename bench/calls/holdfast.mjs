import { Queries, Type, Uuid, defineQuery } from '../../dist/libs/messaging/index.js';
import { callLoop, reply } from './call-loop.mjs';

const Destination = defineQuery('orders.destination', 1, {
  input: Type.Object({
    orderId: Uuid,
    reason: Type.String(),
    carrier: Type.String(),
    pieces: Type.Integer(),
    grams: Type.Integer(),
    insured: Type.Boolean(),
  }),
  output: Type.Object({
    name: Type.String(),
    street: Type.String(),
    city: Type.String(),
    postalCode: Type.String(),
    country: Type.String(),
  }),
});

export function start({ strict }) {
  const queries = new Queries({ strict });
  queries.answer(Destination, async ({ pieces }) => (pieces > 0 ? reply : undefined));
  return { window: ({ ms }) => callLoop({ ms, call: (input) => queries.ask(Destination, input) }) };
}
