import { Database, EventStore, defineStream, defineWrite, type Transaction } from '@holdfast/data-consistency';
import { Injectable } from '@nestjs/common';
import { journalOf } from './domain/ledger.js';
import { NO_PAYMENT, evolve, type Payment, type PaymentFact } from './domain/payment.js';
import { tell } from './payment.announcements.js';

// The stream is named after the order: a second payment for it would be a conflict, not a second charge.
// Refunds can be many and small, so its state is kept now and then.
export const paymentStream = defineStream<PaymentFact, Payment>('payment', {
  initial: NO_PAYMENT,
  evolve,
  snapshotEvery: 50,
  snapshotVersion: 1,
  upcasters: {
    // 2: without the words of whoever gave it back.
    'refund-requested': [({ refundId, amount }) => ({ refundId, amount })],
  },
});

/** The payment of an order, also before there is one, and the version it is decided on. */
export interface StoredPayment {
  orderId: string;
  payment: Payment;
  version: number;
}

@Injectable()
export class PaymentStore {
  constructor(
    private readonly events: EventStore,
    private readonly database: Database,
  ) {}

  async load(orderId: string): Promise<StoredPayment> {
    const { state, version } = await this.events.load(paymentStream, orderId);
    return { orderId, payment: state, version };
  }

  async find(paymentId: string): Promise<StoredPayment | undefined> {
    const row = await this.database.one<{ order_id: string }>('select order_id from payment where payment_id = $1', [
      paymentId,
    ]);
    return row && this.load(row.order_id);
  }

  /** Facts, their journal lines and what others hear of them: all in the one commit, or none. */
  record(tx: Transaction, { orderId, payment, version }: StoredPayment, facts: readonly PaymentFact[]): void {
    if (facts.length === 0) return;
    tx.append(paymentStream, orderId, version, facts);
    let before = payment;
    for (const fact of facts) {
      const after = evolve(before, fact);
      this.keep(tx, before, fact);
      tell(tx, { orderId, before, after }, fact);
      before = after;
    }
  }

  keepRefundReason(tx: Transaction, reason: { orderId: string; refundId: string; words: string }): void {
    tx.write(insertRefundReason, { order_id: reason.orderId, refund_id: reason.refundId, words: reason.words });
  }

  /** Why money was given back, by the refund's id. */
  async refundReasons(orderId: string): Promise<ReadonlyMap<string, string>> {
    const rows = await this.database.read<{ refund_id: string; words: string }>(
      `select refund_id, words from refund_reason where order_id = $1`,
      [orderId],
    );
    return new Map(rows.map(({ refund_id, words }) => [refund_id, words]));
  }

  private keep(tx: Transaction, before: Payment, fact: PaymentFact): void {
    if (fact.type === 'payment-requested') {
      tx.write(insertPayment, { payment_id: fact.data.paymentId, order_id: fact.data.orderId });
    }
    const { paymentId, amount } = before.terms ?? {};
    if (paymentId === undefined || amount === undefined) return;
    const lines = journalOf(before, fact).map((line) => ({
      payment_id: paymentId,
      currency: amount.currency,
      ...line,
    }));
    tx.write(insertLedgerEntries, ...lines);
  }
}

const insertPayment = defineWrite<{ payment_id: string; order_id: string }>(
  'payments.insert-payment',
  { payment_id: 'uuid', order_id: 'uuid' },
  'insert into payment (payment_id, order_id) select payment_id, order_id from rows',
);

// It may be about a person: a row can be erased, history cannot.
const insertRefundReason = defineWrite<{ order_id: string; refund_id: string; words: string }>(
  'payments.insert-refund-reason',
  { order_id: 'uuid', refund_id: 'uuid', words: 'text' },
  'insert into refund_reason (order_id, refund_id, words) select order_id, refund_id, words from rows',
);

interface LedgerRow {
  payment_id: string;
  movement: string;
  line: number;
  account: string;
  debit: number;
  credit: number;
  currency: string;
}

const insertLedgerEntries = defineWrite<LedgerRow>(
  'payments.insert-ledger-entries',
  {
    payment_id: 'uuid',
    movement: 'text',
    line: 'smallint',
    account: 'text',
    debit: 'bigint',
    credit: 'bigint',
    currency: 'text',
  },
  `insert into ledger_entry (payment_id, movement, line, account, debit, credit, currency)
   select payment_id, movement, line, account, debit, credit, currency from rows`,
);
