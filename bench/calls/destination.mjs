import { Type, Uuid, defineQuery } from '../../dist/libs/messaging/index.js';

/** The query behind question and reply. */
export const Destination = defineQuery('orders.destination', 1, {
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
