import { Type, Uuid, defineEvent } from '@holdfast/messaging';

export const ShipmentDispatched = defineEvent(
  'shipping.shipment-dispatched',
  1,
  Type.Object({
    orderId: Uuid,
    customerId: Uuid,
    shipmentId: Uuid,
    carrier: Type.String(),
    trackingCode: Type.String(),
  }),
  { key: 'orderId' },
);

const TheReturn = Type.Object({ returnId: Uuid, orderId: Uuid });

export const ReturnReceived = defineEvent('shipping.return-received', 1, TheReturn, { key: 'returnId' });
export const ReturnSentBack = defineEvent('shipping.return-sent-back', 1, TheReturn, { key: 'returnId' });
