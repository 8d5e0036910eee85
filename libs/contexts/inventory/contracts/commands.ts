import { Quantity, Code as Sku, Type, Uuid, defineCommand } from '@holdfast/messaging';

/** Answered by StockReserved or StockRejected. */
export const ReserveStock = defineCommand(
  'inventory.reserve-stock',
  1,
  Type.Object({ orderId: Uuid, lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity })) }),
  { key: 'orderId' },
);

/** Gives back what is reserved, also what is not there any more; answered by StockReleased. */
export const ReleaseStock = defineCommand('inventory.release-stock', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

/** Ends the reservation's expiry; answered by StockSecured, or by ReservationExpired when it came too late. */
export const SecureStock = defineCommand('inventory.secure-stock', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

/** The goods left the house. */
export const IssueStock = defineCommand('inventory.issue-stock', 1, Type.Object({ orderId: Uuid }), { key: 'orderId' });

/** Inventory's own timer. */
export const ExpireReservation = defineCommand('inventory.expire-reservation', 1, Type.Object({ orderId: Uuid }), {
  key: 'orderId',
});

/** Returned goods go back on the shelf; answered by StockRestocked. */
export const RestockReturn = defineCommand(
  'inventory.restock-return',
  1,
  Type.Object({ returnId: Uuid, orderId: Uuid, lines: Type.Array(Type.Object({ sku: Sku, quantity: Quantity })) }),
  { key: 'returnId' },
);
