import { Quantity, Sku, Type, Uuid, defineCommand } from '@holdfast/messaging';

/** Answered by ShipmentDispatched. One order, one shipment, however often it is asked. */
export const ShipOrder = defineCommand(
  'shipping.ship-order',
  1,
  Type.Object({
    orderId: Uuid,
    customerId: Uuid,
    lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity })),
  }),
  { key: 'orderId' },
);

/** What shipping tells itself: book the carrier, while no database transaction is open. */
export const DispatchShipment = defineCommand('shipping.dispatch-shipment', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});
