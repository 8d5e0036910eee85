import { Quantity, Code as Sku, Type, Uuid, defineCommand } from '@holdfast/messaging';

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

const TheReturn = Type.Object({ returnId: Uuid, orderId: Uuid });

/** Has goods picked up and brought back; answered by ReturnReceived. */
export const ReceiveReturn = defineCommand(
  'shipping.receive-return',
  1,
  Type.Object({ ...TheReturn.properties, lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity })) }),
  { key: 'returnId' },
);

/** The goods are not wanted back after all, whether they have come or not; answered by ReturnSentBack. */
export const SendReturnBack = defineCommand('shipping.send-return-back', 1, TheReturn, { key: 'returnId' });

/** What shipping tells itself: book the carrier for the way back. */
export const CollectReturn = defineCommand('shipping.collect-return', 1, Type.Object({ returnId: Uuid }), {
  key: 'returnId',
});
