import { Money, Code as Sku, Type, defineEvent } from '@holdfast/messaging';

export const ProductAdded = defineEvent(
  'catalog.product-added',
  1,
  Type.Object({ sku: Sku, name: Type.String(), price: Money, version: Type.Integer({ minimum: 1 }) }),
  { key: 'sku' },
);

export const PriceChanged = defineEvent(
  'catalog.price-changed',
  1,
  Type.Object({ sku: Sku, price: Money, version: Type.Integer({ minimum: 1 }) }),
  { key: 'sku' },
);
