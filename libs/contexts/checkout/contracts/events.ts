import { Type, Uuid, defineEvent } from '@holdfast/messaging';

/** Everything a failed or cancelled purchase had done is undone. */
export const PurchaseCompensated = defineEvent(
  'checkout.purchase-compensated',
  1,
  Type.Object({ orderId: Uuid, reason: Type.String() }),
  { key: 'orderId' },
);
