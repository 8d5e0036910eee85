import { conflict, defineProblemType, notFound, unprocessable } from '@holdfast/host';
import type { BasketRefusal } from './domain/basket.js';
import type { CancelRefusal } from './domain/order.js';
import { MOST_RETURNS, RETURN_DAYS, type ReturnRefusal } from './domain/return.js';

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

defineProblemType('not-returnable', {
  status: 409,
  title: 'Nothing of this order can be returned',
  meaning: `What was bought can be returned once its order is completed, for ${RETURN_DAYS} days, in at most ${MOST_RETURNS} returns.`,
});
defineProblemType('return-refused', {
  status: 422,
  title: 'This cannot be returned',
  meaning: 'A line names something that is not in the order, or more pieces than are left; returns under way count.',
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

export function returnRefused(refusal: ReturnRefusal) {
  switch (refusal.refused) {
    case 'not-completed':
      return conflict({ type: 'not-returnable', detail: 'The order is not completed.' });
    case 'too-late':
      return conflict({
        type: 'not-returnable',
        detail: `The order was completed more than ${RETURN_DAYS} days ago.`,
      });
    case 'too-many':
      return conflict({ type: 'not-returnable', detail: `The order has had ${MOST_RETURNS} returns already.` });
    case 'not-bought':
      return unprocessable({
        type: 'return-refused',
        field: `lines[${refusal.line}].sku`,
        rule: 'bought',
        detail: 'The order has no such product.',
      });
    case 'more-than-left':
      return unprocessable({
        type: 'return-refused',
        field: `lines[${refusal.line}].quantity`,
        rule: 'max',
        detail: `At most ${refusal.left} can be returned now.`,
      });
  }
}
