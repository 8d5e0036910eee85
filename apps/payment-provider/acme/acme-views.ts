import type { Entry, Payment } from '../ledger/payment.js';

const chargeStates = { pending: 'pending', declined: 'declined', authorised: 'authorized', voided: 'voided' } as const;

export const operationNames = { authorise: 'charge', capture: 'capture', void: 'void', refund: 'refund' } as const;

/** The charge as it is now. */
export function chargeView(entry: Entry, payment: Payment) {
  return {
    id: payment.id,
    object: 'charge',
    state: chargeState(payment),
    amount: entry.amount,
    amount_captured: payment.captured,
    amount_refunded: payment.refunded,
    currency: payment.currency,
    reference: payment.reference,
    decline_code: entry.reason,
    idempotency_key: entry.key,
    created: unixSeconds(entry.at),
  };
}

/** The charge as it was answered at first: a replay repeats this, whatever has happened since. */
export function newChargeView(entry: Entry) {
  return {
    id: entry.paymentId,
    object: 'charge',
    state: entry.outcome === 'done' ? 'authorized' : 'declined',
    amount: entry.amount,
    amount_captured: 0,
    amount_refunded: 0,
    currency: entry.currency,
    reference: entry.reference,
    decline_code: entry.reason,
    idempotency_key: entry.key,
    created: unixSeconds(entry.at),
  };
}

export function operationView(entry: Entry, failureCode: string | null) {
  return {
    id: entry.id,
    object: operationNames[entry.operation],
    state: entry.outcome === 'done' ? 'succeeded' : 'failed',
    charge: entry.paymentId,
    amount: entry.amount,
    currency: entry.currency,
    reference: entry.reference,
    failure_code: failureCode,
    idempotency_key: entry.key,
    created: unixSeconds(entry.at),
  };
}

function chargeState({ state, captured, refunded }: Payment) {
  if (state !== 'captured') return chargeStates[state];
  if (refunded === 0) return 'captured';
  return refunded < captured ? 'partially_refunded' : 'refunded';
}

const unixSeconds = (at: string) => Math.floor(Date.parse(at) / 1000);
