import type { Entry, Payment } from '../ledger/payment.js';
import { toDecimal } from './decimal-amount.js';

const doneWords = { authorise: 'HELD', capture: 'SETTLED', void: 'RELEASED', refund: 'REVERSED' } as const;

export function statusOf({ operation, outcome }: Entry): string {
  if (outcome === 'pending') return 'PENDING';
  return outcome === 'declined' ? 'REFUSED' : doneWords[operation];
}

/** The instruction in Globex's words; `status` is always the status of this instruction, not of the whole payment. */
export function instructionView(entry: Entry, payment: Payment): Record<string, string> {
  const money = (minor: number) => toDecimal(minor, entry.currency);
  return {
    status: statusOf(entry),
    merchantRef: entry.key,
    originalRef: payment.key,
    orderRef: entry.reference,
    transactionId: entry.id,
    amount: money(entry.amount),
    currency: entry.currency,
    ...(entry.reason && { refusalReason: entry.reason.toUpperCase() }),
    ...(entry.operation === 'authorise' && {
      settledAmount: money(payment.captured),
      reversedAmount: money(payment.refunded),
      released: String(payment.state === 'voided'),
    }),
    receivedAt: entry.at,
  };
}
