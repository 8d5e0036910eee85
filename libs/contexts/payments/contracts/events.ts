import { Money, Type, Uuid, defineEvent } from '@holdfast/messaging';

const OfOrder = Type.Object({ orderId: Uuid, paymentId: Uuid });

export const PaymentAuthorised = defineEvent(
  'payments.payment-authorised',
  1,
  Type.Object({ orderId: Uuid, paymentId: Uuid, amount: Money }),
  { key: 'orderId' },
);
export const PaymentDeclined = defineEvent(
  'payments.payment-declined',
  1,
  Type.Object({ orderId: Uuid, paymentId: Uuid, reason: Type.String() }),
  { key: 'orderId' },
);
export const PaymentCaptured = defineEvent(
  'payments.payment-captured',
  1,
  Type.Object({ orderId: Uuid, paymentId: Uuid, amount: Money }),
  { key: 'orderId' },
);
export const PaymentVoided = defineEvent('payments.payment-voided', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});
export const PaymentRefunded = defineEvent(
  'payments.payment-refunded',
  1,
  Type.Object({ ...OfOrder.properties, refundId: Uuid, amount: Money }),
  { key: 'refundId' },
);
export const RefundRefused = defineEvent(
  'payments.refund-refused',
  1,
  Type.Object({ ...OfOrder.properties, refundId: Uuid, reason: Type.String() }),
  { key: 'refundId' },
);
