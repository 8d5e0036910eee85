import {
  evolve,
  refundableOf,
  refundedOf,
  type DeclineReason,
  type Payment,
  type PaymentFact,
  type Terms,
} from './payment.js';

// Every outcome may be told late, twice and by three messengers (call, question, webhook): a decision about what is
// known already is the empty list.

export function requestPayment(terms: Terms, providerKnown: boolean): PaymentFact[] {
  const requested: PaymentFact = { type: 'payment-requested', data: terms };
  return providerKnown ? [requested] : [requested, { type: 'payment-declined', data: { reason: 'unknown-provider' } }];
}

/** What a provider finally says about an authorisation. `never-seen`: it has not heard of it. */
export type AuthorisationOutcome =
  | { kind: 'authorised'; reference: string }
  | { kind: 'declined'; reason: DeclineReason }
  | { kind: 'never-seen' };

export function settleAuthorisation(payment: Payment, outcome: AuthorisationOutcome): PaymentFact[] {
  if (payment.authorisation !== 'requested') return [];
  switch (outcome.kind) {
    case 'authorised':
      return [{ type: 'payment-authorised', data: { providerReference: outcome.reference } }];
    case 'declined':
      return [{ type: 'payment-declined', data: { reason: outcome.reason } }, ...voidedNow(payment)];
    case 'never-seen':
      return voidedNow(payment);
  }
}

export function requestVoid(payment: Payment, refundId: string): PaymentFact[] {
  if (payment.voided || payment.voidRequested) return [];
  if (payment.authorisation === 'none' || payment.authorisation === 'declined') return [VOIDED];
  return [{ type: 'void-requested', data: {} }, ...giveBack({ ...payment, voidRequested: true }, refundId)];
}

export function settleVoid(payment: Payment): PaymentFact[] {
  const asked = payment.voidRequested || payment.voided;
  return asked && payment.held > 0 ? [VOIDED] : [];
}

export type CaptureRefusal = { refused: 'not-authorised' };

export function requestCapture(payment: Payment): PaymentFact[] | CaptureRefusal {
  if (payment.captureRequested || payment.voidRequested || payment.voided) return [];
  if (payment.authorisation !== 'authorised') return { refused: 'not-authorised' };
  return [{ type: 'capture-requested', data: { amount: payment.held } }];
}

export function settleCapture(payment: Payment, refundId: string): PaymentFact[] {
  if (!payment.captureRequested || payment.captured > 0 || payment.held === 0) return [];
  const captured: PaymentFact = { type: 'payment-captured', data: { amount: payment.held } };
  return [captured, ...giveBack(evolve(payment, captured), refundId)];
}

export interface RefundWish {
  refundId: string;
  amount: number;
}

export type RefundRefusal = { refused: 'more-than-captured'; refundable: number };

export function requestRefund(payment: Payment, wish: RefundWish): PaymentFact[] | RefundRefusal {
  const refundable = refundableOf(payment);
  if (wish.amount < 1 || wish.amount > refundable) return { refused: 'more-than-captured', refundable };
  return [{ type: 'refund-requested', data: wish }];
}

/** Remembered, so that whoever asks again under the same id hears the same. */
export function refuseRefund({ refundId, amount }: RefundWish, { refundable }: RefundRefusal): PaymentFact[] {
  const because = `at most ${refundable} can be refunded`;
  return [{ type: 'refund-refused', data: { refundId, because, amount } }];
}

export type RefundOutcome = { kind: 'done' } | { kind: 'refused'; because: string };

export function settleRefund(payment: Payment, refundId: string, outcome: RefundOutcome): PaymentFact[] {
  const refund = payment.refunds.find((candidate) => candidate.refundId === refundId);
  if (refund?.status !== 'requested') return [];
  if (outcome.kind === 'refused') return [{ type: 'refund-refused', data: { refundId, because: outcome.because } }];
  const refunded: PaymentFact = { type: 'payment-refunded', data: { refundId, amount: refund.amount } };
  const after = evolve(payment, refunded);
  return [refunded, ...(refundedOf(after) === after.captured ? voidedNow(after) : [])];
}

const VOIDED: PaymentFact = { type: 'payment-voided', data: {} };

const voidedNow = ({ voidRequested, voided }: Payment): PaymentFact[] => (voidRequested && !voided ? [VOIDED] : []);

/** Voiding what was captured means refunding what is left of it. */
function giveBack(payment: Payment, refundId: string): PaymentFact[] {
  if (!payment.voidRequested || payment.captured === 0) return [];
  const amount = refundableOf(payment);
  if (amount > 0) return [{ type: 'refund-requested', data: { refundId, amount } }];
  return refundedOf(payment) === payment.captured ? voidedNow(payment) : [];
}
