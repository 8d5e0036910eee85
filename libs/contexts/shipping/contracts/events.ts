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
