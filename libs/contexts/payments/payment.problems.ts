import { defineProblemType, notFound, unprocessable } from '@holdfast/host';
import type { RefundRefusal } from './domain/decisions.js';

defineProblemType('refund-too-large', {
  status: 422,
  title: 'More than can be refunded',
  meaning: 'Refunds together cannot exceed what was captured; refunds under way count.',
});

/** A missing payment and somebody else's look the same. */
export const noSuchPayment = () => notFound({ detail: 'There is no such payment.' });

export const refundTooLarge = ({ refundable }: RefundRefusal) =>
  unprocessable({
    type: 'refund-too-large',
    field: 'amount',
    rule: 'max',
    detail: `At most ${refundable} can be refunded now.`,
  });
