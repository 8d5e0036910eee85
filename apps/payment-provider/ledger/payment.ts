export type Provider = 'acme' | 'globex';
export type Operation = 'authorise' | 'capture' | 'void' | 'refund';
export type Outcome = 'pending' | 'done' | 'declined' | 'refused';

export interface Payment {
  id: string;
  provider: Provider;
  key: string;
  reference: string;
  currency: string;
  state: 'pending' | 'declined' | 'authorised' | 'captured' | 'voided';
  authorised: number;
  captured: number;
  refunded: number;
}

export interface Entry {
  provider: Provider;
  key: string;
  operation: Operation;
  id: string;
  paymentId: string;
  reference: string;
  amount: number;
  currency: string;
  outcome: Outcome;
  reason: string | null;
  fingerprint: string;
  at: string;
  webhookDelayMs: number;
}

export type Refusal =
  | 'pending'
  | 'declined'
  | 'voided'
  | 'already-captured'
  | 'not-captured'
  | 'exceeds-authorised'
  | 'exceeds-captured';

export type Movement = Exclude<Operation, 'authorise'>;

/** Why the books would not balance after this movement, or undefined when they would. */
export function refusalOf(payment: Payment, movement: Movement, amount: number): Refusal | undefined {
  if (payment.state === 'pending' || payment.state === 'declined') return payment.state;
  switch (movement) {
    case 'capture':
      if (payment.state === 'voided') return 'voided';
      if (payment.state === 'captured') return 'already-captured';
      return amount > payment.authorised ? 'exceeds-authorised' : undefined;
    case 'void':
      if (payment.state === 'voided') return 'voided';
      return payment.state === 'captured' ? 'already-captured' : undefined;
    case 'refund':
      if (payment.state !== 'captured') return 'not-captured';
      return payment.refunded + amount > payment.captured ? 'exceeds-captured' : undefined;
  }
}

export function afterMovement(payment: Payment, movement: Movement, amount: number): Payment {
  switch (movement) {
    case 'capture':
      return { ...payment, state: 'captured', captured: amount };
    case 'void':
      return { ...payment, state: 'voided' };
    case 'refund':
      return { ...payment, refunded: payment.refunded + amount };
  }
}
