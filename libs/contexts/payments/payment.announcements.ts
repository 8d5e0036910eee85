import type { Transaction } from '@holdfast/data-consistency';
import { PerformCapture, PerformRefund, PerformVoid } from './contracts/commands.js';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundRefused,
} from './contracts/events.js';
import type { Payment, PaymentFact } from './domain/payment.js';

interface Change {
  orderId: string;
  before: Payment;
  after: Payment;
}

/** What follows from a fact: neighbours hear of it, or the next call to the provider is ordered. */
export function tell(tx: Transaction, { orderId, before, after }: Change, fact: PaymentFact): void {
  switch (fact.type) {
    case 'payment-authorised':
      // Whoever asked for the void waits for one answer; an authorisation that comes to light now only has to be undone.
      if (after.voidRequested || after.voided) tx.send(PerformVoid, { orderId });
      else tellAuthorised(tx, after);
      break;
    case 'payment-declined':
      if (!after.voidRequested && !after.voided) tellDeclined(tx, after);
      break;
    case 'void-requested':
      if (!after.captureRequested) tx.send(PerformVoid, { orderId });
      break;
    case 'payment-voided':
      if (!before.voided) tx.emit(PaymentVoided, { orderId });
      break;
    case 'capture-requested':
      tx.send(PerformCapture, { orderId });
      break;
    case 'payment-captured':
      tellCaptured(tx, after);
      break;
    case 'refund-requested':
      tx.send(PerformRefund, { orderId, refundId: fact.data.refundId });
      break;
    case 'payment-refunded':
      tellRefunded(tx, after, fact.data);
      break;
    case 'refund-refused':
      tellRefundRefused(tx, after, fact.data.refundId);
      break;
  }
}

export function tellAuthorised(tx: Transaction, { terms }: Payment): void {
  if (!terms) return;
  tx.emit(PaymentAuthorised, { orderId: terms.orderId, paymentId: terms.paymentId, amount: terms.amount });
}

export function tellDeclined(tx: Transaction, { terms, declinedBecause = 'voided' }: Payment): void {
  if (!terms) return;
  tx.emit(PaymentDeclined, { orderId: terms.orderId, paymentId: terms.paymentId, reason: declinedBecause });
}

export function tellCaptured(tx: Transaction, { terms, captured }: Payment): void {
  if (!terms) return;
  const { orderId, paymentId, amount } = terms;
  tx.emit(PaymentCaptured, { orderId, paymentId, amount: { ...amount, amount: captured } });
}

export function tellRefunded(tx: Transaction, { terms }: Payment, refund: { refundId: string; amount: number }): void {
  if (!terms) return;
  const { orderId, paymentId, amount } = terms;
  const money = { ...amount, amount: refund.amount };
  tx.emit(PaymentRefunded, { orderId, paymentId, refundId: refund.refundId, amount: money });
}

export function tellRefundRefused(tx: Transaction, { terms, refunds }: Payment, refundId: string): void {
  if (!terms) return;
  const { orderId, paymentId } = terms;
  const reason = refunds.find((refund) => refund.refundId === refundId)?.refusedBecause ?? 'refused';
  tx.emit(RefundRefused, { orderId, paymentId, refundId, reason });
}
