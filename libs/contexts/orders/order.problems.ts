import { conflict, defineProblemType, notFound, unprocessable } from '@holdfast/host';
import type { BasketRefusal } from './domain/basket.js';
import type { CancelRefusal } from './domain/order.js';

defineProblemType('unknown-product', {
  status: 422,
  title: 'Nobody sells this',
  meaning: 'A line names a product that is not in the catalog. Each such line is named in `errors`.',
});
defineProblemType('basket-refused', {
  status: 422,
  title: 'The basket cannot be ordered',
  meaning: 'Its lines break a rule together: one line per product, one currency, a total of at most 10^15 minor units.',
});
defineProblemType('too-late-to-cancel', {
  status: 409,
  title: 'The order cannot be cancelled any more',
  meaning: 'An order can be cancelled until it is confirmed.',
});

/** A missing order and somebody else's look the same. */
export const noSuchOrder = () => notFound({ detail: 'There is no such order.' });

export const unknownProducts = (lines: readonly number[]) =>
  unprocessable({
    type: 'unknown-product',
    detail: 'The order names products that nobody sells.',
    errors: lines.map((line) => ({
      field: `lines[${line}].sku`,
      rule: 'known',
      message: 'is not a product of this shop',
    })),
  });

export function basketRefused(refusal: BasketRefusal) {
  const type = 'basket-refused';
  switch (refusal.refused) {
    case 'empty':
      return unprocessable({ type, field: 'lines', rule: 'min-items', detail: 'An order needs at least one line.' });
    case 'sku-twice':
      return unprocessable({
        type,
        field: `lines[${refusal.line}].sku`,
        rule: 'unique',
        detail: 'An order names each product once.',
      });
    case 'mixed-currencies':
      return unprocessable({
        type,
        field: `lines[${refusal.line}].sku`,
        rule: 'one-currency',
        detail: 'An order is paid in one currency, and this product has another one.',
      });
    case 'too-expensive':
      return unprocessable({ type, field: 'lines', rule: 'max-total', detail: 'The total is too large.' });
  }
}

const WHY_NOT = {
  'on-its-way': 'The order is already confirmed and on its way.',
  completed: 'The order is already completed.',
  rejected: 'The order was rejected: there is nothing to cancel.',
} as const satisfies Record<CancelRefusal['refused'], string>;

export const cannotCancel = ({ refused }: CancelRefusal) =>
  conflict({ type: 'too-late-to-cancel', detail: WHY_NOT[refused] });
