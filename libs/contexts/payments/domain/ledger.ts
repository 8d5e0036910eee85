import type { Payment, PaymentFact } from './payment.js';

/**
 * held-funds / customer-holds: money promised, not moved. provider-receivable: what the provider owes us.
 * sales and refunds: what the customer paid and got back.
 */
export type Account = 'held-funds' | 'customer-holds' | 'provider-receivable' | 'sales' | 'refunds';

export interface JournalLine {
  /** What moved the money; with the payment it happens once. */
  movement: string;
  line: number;
  account: Account;
  debit: number;
  credit: number;
}

interface Transfer {
  debit: Account;
  credit: Account;
  amount: number;
}

/** The journal lines of a fact. Balanced by construction: a transfer is one amount, written on both sides. */
export function journalOf(before: Payment, fact: PaymentFact): JournalLine[] {
  switch (fact.type) {
    case 'payment-authorised':
      return journal('authorise', [hold(before.terms?.amount.amount ?? 0)]);
    case 'payment-voided':
      return journal('void', [release(before.held)]);
    case 'payment-captured':
      return journal('capture', [
        release(before.held),
        { debit: 'provider-receivable', credit: 'sales', amount: fact.data.amount },
      ]);
    case 'payment-refunded':
      return journal(fact.data.refundId, [
        { debit: 'refunds', credit: 'provider-receivable', amount: fact.data.amount },
      ]);
    default:
      return [];
  }
}

const hold = (amount: number): Transfer => ({ debit: 'held-funds', credit: 'customer-holds', amount });
const release = (amount: number): Transfer => ({ debit: 'customer-holds', credit: 'held-funds', amount });

function journal(movement: string, transfers: Transfer[]): JournalLine[] {
  return transfers
    .filter(({ amount }) => amount > 0)
    .flatMap(({ debit, credit, amount }) => [
      { account: debit, debit: amount, credit: 0 },
      { account: credit, debit: 0, credit: amount },
    ])
    .map((side, index) => ({ movement, line: index + 1, ...side }));
}
