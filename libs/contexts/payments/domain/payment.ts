export interface Money {
  amount: number;
  currency: string;
}

/** What was asked for: one payment per order, for ever. */
export interface Terms {
  paymentId: string;
  orderId: string;
  customerId: string;
  provider: string;
  amount: Money;
  requestedAt: string;
}

export const DECLINE_REASONS = [
  'card-declined',
  'invalid-payment-method',
  'not-accepted',
  'refused-by-provider',
  'unknown-provider',
  'voided',
] as const;
export type DeclineReason = (typeof DECLINE_REASONS)[number];

export interface Refund {
  refundId: string;
  amount: number;
  status: 'requested' | 'refunded' | 'refused';
  refusedBecause?: string;
}

type Nothing = Record<string, never>;

export type PaymentFact =
  | { type: 'payment-requested'; data: Terms }
  | { type: 'payment-authorised'; data: { providerReference: string } }
  | { type: 'payment-declined'; data: { reason: DeclineReason } }
  | { type: 'void-requested'; data: Nothing }
  | { type: 'payment-voided'; data: Nothing }
  | { type: 'capture-requested'; data: { amount: number } }
  | { type: 'payment-captured'; data: { amount: number } }
  | { type: 'refund-requested'; data: { refundId: string; amount: number } }
  | { type: 'payment-refunded'; data: { refundId: string; amount: number } }
  | { type: 'refund-refused'; data: RefusedRefund };

interface RefusedRefund {
  refundId: string;
  because: string;
  /** What was asked for, when nobody asked the provider. */
  amount?: number;
}

export interface Payment {
  /** Absent while nobody asked for money; a void may come before. */
  terms?: Terms;
  authorisation: 'none' | 'requested' | 'authorised' | 'declined';
  providerReference?: string;
  declinedBecause?: DeclineReason;
  /** Minor units the provider holds on the customer's account now. */
  held: number;
  voidRequested: boolean;
  voided: boolean;
  captureRequested: boolean;
  captured: number;
  refunds: readonly Refund[];
}

export const NO_PAYMENT: Payment = {
  authorisation: 'none',
  held: 0,
  voidRequested: false,
  voided: false,
  captureRequested: false,
  captured: 0,
  refunds: [],
};

export function evolve(payment: Payment, fact: PaymentFact): Payment {
  switch (fact.type) {
    case 'payment-requested':
      return { ...payment, terms: fact.data, authorisation: 'requested' };
    case 'payment-authorised':
      return { ...payment, ...fact.data, authorisation: 'authorised', held: amountOf(payment) };
    case 'payment-declined':
      return { ...payment, authorisation: 'declined', declinedBecause: fact.data.reason };
    case 'void-requested':
      return { ...payment, voidRequested: true };
    case 'payment-voided':
      return { ...payment, voided: true, held: 0 };
    case 'capture-requested':
      return { ...payment, captureRequested: true };
    case 'payment-captured':
      return { ...payment, captured: fact.data.amount, held: 0 };
    case 'refund-requested': {
      const { refundId, amount } = fact.data;
      return { ...payment, refunds: [...payment.refunds, { refundId, amount, status: 'requested' }] };
    }
    case 'payment-refunded':
      return withRefund(payment, fact.data.refundId, { status: 'refunded' });
    case 'refund-refused':
      return refusing(payment, fact.data);
  }
}

/** Refused by us at once, or by the provider after we had asked. */
function refusing(payment: Payment, { refundId, because, amount = 0 }: RefusedRefund): Payment {
  const refused = { status: 'refused', refusedBecause: because } as const;
  if (payment.refunds.some((refund) => refund.refundId === refundId)) return withRefund(payment, refundId, refused);
  return { ...payment, refunds: [...payment.refunds, { refundId, amount, ...refused }] };
}

function withRefund(payment: Payment, refundId: string, change: Partial<Refund>): Payment {
  return {
    ...payment,
    refunds: payment.refunds.map((refund) => (refund.refundId === refundId ? { ...refund, ...change } : refund)),
  };
}

const amountOf = ({ terms }: Payment) => terms?.amount.amount ?? 0;

const sum = (refunds: readonly Refund[]) => refunds.reduce((total, { amount }) => total + amount, 0);

export const refundedOf = ({ refunds }: Payment): number => sum(refunds.filter(({ status }) => status === 'refunded'));

/** What may still be asked back; a refund under way counts as given. */
export const refundableOf = ({ captured, refunds }: Payment): number =>
  captured - sum(refunds.filter(({ status }) => status !== 'refused'));

export type PaymentStatus = 'requested' | 'authorised' | 'declined' | 'voided' | 'captured' | 'refunded';

export function statusOf(payment: Payment): PaymentStatus {
  if (payment.captured > 0) return refundedOf(payment) === payment.captured ? 'refunded' : 'captured';
  if (payment.authorisation === 'declined') return 'declined';
  if (payment.voided) return 'voided';
  return payment.authorisation === 'authorised' ? 'authorised' : 'requested';
}

export const isStaff = ({ roles }: { roles: readonly string[] }): boolean =>
  roles.includes('admin') || roles.includes('operator');

export const isVisibleTo = ({ customerId }: Terms, who: { id: string; roles: readonly string[] }): boolean =>
  who.id === customerId || isStaff(who);
