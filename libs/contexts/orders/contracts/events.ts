import { Money, Quantity, Code as Sku, Type, Uuid, defineEvent } from '@holdfast/messaging';

export const OrderPlaced = defineEvent(
  'orders.order-placed',
  1,
  Type.Object({
    orderId: Uuid,
    customerId: Uuid,
    lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity, price: Money })),
    total: Money,
    paymentMethod: Type.Object({ provider: Type.String(), token: Type.String() }),
  }),
  { key: 'orderId' },
);

export const OrderConfirmed = defineEvent(
  'orders.order-confirmed',
  1,
  Type.Object({ orderId: Uuid, customerId: Uuid }),
  { key: 'orderId' },
);

export const OrderCompleted = defineEvent(
  'orders.order-completed',
  1,
  Type.Object({ orderId: Uuid, customerId: Uuid, total: Money }),
  { key: 'orderId' },
);

export const OrderRejected = defineEvent(
  'orders.order-rejected',
  1,
  Type.Object({ orderId: Uuid, customerId: Uuid, reason: Type.String() }),
  { key: 'orderId' },
);

export const OrderCancelled = defineEvent(
  'orders.order-cancelled',
  1,
  Type.Object({ orderId: Uuid, customerId: Uuid, reason: Type.String() }),
  { key: 'orderId' },
);

export const ReturnRequested = defineEvent(
  'orders.return-requested',
  1,
  Type.Object({
    returnId: Uuid,
    orderId: Uuid,
    customerId: Uuid,
    lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity })),
    amount: Money,
  }),
  { key: 'returnId' },
);

/** The goods are back and the money is given back. */
export const ReturnCompleted = defineEvent(
  'orders.return-completed',
  1,
  Type.Object({ returnId: Uuid, orderId: Uuid, customerId: Uuid, amount: Money }),
  { key: 'returnId' },
);
