import { Code as Sku, Type, Uuid, defineEvent } from '@holdfast/messaging';

const TheOrder = Type.Object({ orderId: Uuid });

export const StockReserved = defineEvent(
  'inventory.stock-reserved',
  1,
  Type.Object({ orderId: Uuid, expiresAt: Type.String({ format: 'date-time' }) }),
  { key: 'orderId' },
);

export const StockRejected = defineEvent(
  'inventory.stock-rejected',
  1,
  Type.Object({
    orderId: Uuid,
    missing: Type.Array(Type.Object({ sku: Sku, available: Type.Integer({ minimum: 0 }) })),
  }),
  { key: 'orderId' },
);

export const StockReleased = defineEvent('inventory.stock-released', 1, TheOrder, { key: 'orderId' });
export const StockSecured = defineEvent('inventory.stock-secured', 1, TheOrder, { key: 'orderId' });
export const ReservationExpired = defineEvent('inventory.reservation-expired', 1, TheOrder, { key: 'orderId' });

export const StockRestocked = defineEvent(
  'inventory.stock-restocked',
  1,
  Type.Object({ returnId: Uuid, orderId: Uuid }),
  { key: 'returnId' },
);

/** How much of a product can be had now; `version` grows with every change, so that a late one can be ignored. */
export const StockChanged = defineEvent(
  'inventory.stock-changed',
  1,
  Type.Object({ sku: Sku, available: Type.Integer({ minimum: 0 }), version: Type.Integer({ minimum: 1 }) }),
  { key: 'sku' },
);
