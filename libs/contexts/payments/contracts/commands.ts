import { Money, Type, Uuid, defineCommand } from '@holdfast/messaging';

/** Answered by PaymentAuthorised or PaymentDeclined, however long the provider takes. */
export const AuthorisePayment = defineCommand(
  'payments.authorise-payment',
  1,
  Type.Object({
    orderId: Uuid,
    customerId: Uuid,
    amount: Money,
    method: Type.Object({ provider: Type.String(), token: Type.String() }),
  }),
  { key: 'orderId' },
);

/** Gives back what was authorised, also when that becomes known only later; answered by PaymentVoided. */
export const VoidPayment = defineCommand('payments.void-payment', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

/** Answered by PaymentCaptured. */
export const CapturePayment = defineCommand('payments.capture-payment', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

/** Gives back a part of what was captured, under an id of the asker's; answered by PaymentRefunded or RefundRefused. */
export const RefundPayment = defineCommand(
  'payments.refund-payment',
  1,
  Type.Object({ orderId: Uuid, refundId: Uuid, amount: Money }),
  { key: 'orderId' },
);

// What payments tells itself: each is one call to a provider, made while no database transaction is open.

export const PerformAuthorisation = defineCommand(
  'payments.perform-authorisation',
  1,
  Type.Object({ orderId: Uuid, token: Type.String() }),
  { key: 'orderId' },
);

export const PerformVoid = defineCommand('payments.perform-void', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

export const PerformCapture = defineCommand('payments.perform-capture', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

export const PerformRefund = defineCommand(
  'payments.perform-refund',
  1,
  Type.Object({ orderId: Uuid, refundId: Uuid }),
  { key: 'refundId' },
);

/** A provider's webhook, believed and put into our words. */
export const RecordProviderNews = defineCommand(
  'payments.record-provider-news',
  1,
  Type.Object({
    /** Who says so; absent in messages from before it was asked. */
    provider: Type.Optional(Type.String()),
    orderId: Uuid,
    key: Type.String(),
    outcome: Type.Union([
      Type.Object({ kind: Type.Literal('authorised'), reference: Type.String() }),
      Type.Object({ kind: Type.Literal('declined'), reason: Type.String() }),
      Type.Object({ kind: Type.Literal('done') }),
    ]),
  }),
  { key: 'orderId' },
);
