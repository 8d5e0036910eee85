import { Type, Uuid, defineQuery } from '@holdfast/messaging';

/** Personal data: asked for when it is needed, never copied. */
export const ShippingAddress = defineQuery('orders.shipping-address', 1, {
  input: Type.Object({ orderId: Uuid }),
  output: Type.Object({
    name: Type.String(),
    street: Type.String(),
    city: Type.String(),
    postalCode: Type.String(),
    country: Type.String(),
  }),
  deadlineMs: 1_000,
});
