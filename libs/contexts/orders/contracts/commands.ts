import { Type, Uuid, defineCommand } from '@holdfast/messaging';

const TheOrder = Type.Object({ orderId: Uuid });

export const MarkReserved = defineCommand('orders.mark-reserved', 1, TheOrder, { key: 'orderId' });
export const MarkAuthorised = defineCommand('orders.mark-authorised', 1, TheOrder, { key: 'orderId' });
/** The pivot of the purchase: answered by OrderConfirmed, each time, or not at all when the order was cancelled before. */
export const ConfirmOrder = defineCommand('orders.confirm-order', 1, TheOrder, { key: 'orderId' });
export const MarkShipped = defineCommand('orders.mark-shipped', 1, TheOrder, { key: 'orderId' });
/** Answered by OrderCompleted. */
export const CompleteOrder = defineCommand('orders.complete-order', 1, TheOrder, { key: 'orderId' });
export const RejectOrder = defineCommand(
  'orders.reject-order',
  1,
  Type.Object({ orderId: Uuid, reason: Type.String() }),
  { key: 'orderId' },
);

const TheReturn = Type.Object({ orderId: Uuid, returnId: Uuid });

// In line with the order's other messages: its returns are part of it.
export const MarkReturnReceived = defineCommand('orders.mark-return-received', 1, TheReturn, { key: 'orderId' });
/** Answered by ReturnCompleted. */
export const CompleteReturn = defineCommand('orders.complete-return', 1, TheReturn, { key: 'orderId' });
export const RejectReturn = defineCommand(
  'orders.reject-return',
  1,
  Type.Object({ ...TheReturn.properties, reason: Type.String() }),
  { key: 'orderId' },
);
