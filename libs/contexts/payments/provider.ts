import type { Money, DeclineReason } from './domain/payment.js';

/** Not an outcome: undecided there, never heard of there, or nobody can tell whether it happened. */
export type Undecided = { kind: 'pending' } | { kind: 'never-seen' } | { kind: 'unknown'; because: string };

export type AuthorisationAnswer =
  | { kind: 'authorised'; reference: string }
  | { kind: 'declined'; reason: DeclineReason }
  | Undecided;

export type MovementAnswer = { kind: 'done' } | { kind: 'refused'; because: string } | Undecided;

export interface AuthorisationRequest {
  /** The same for every attempt. */
  key: string;
  orderId: string;
  amount: Money;
  token: string;
}

export interface MovementRequest {
  key: string;
  /** What the provider called the authorisation. */
  reference: string;
  amount: Money;
}

/** A webhook as it arrived: the signature covers these very bytes. */
export interface SignedWebhook {
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: Buffer;
  now: Date;
}

/** What a provider tells us on its own account. */
export interface ProviderNews {
  orderId: string;
  key: string;
  outcome: { kind: 'authorised'; reference: string } | { kind: 'declined'; reason: DeclineReason } | { kind: 'done' };
}

export type WebhookReading = ProviderNews | 'forged' | 'irrelevant';

/** Somebody who moves money for us, in our words. Never throws for what the other side does: that is an answer too. */
export interface PaymentProvider {
  authorise(request: AuthorisationRequest): Promise<AuthorisationAnswer>;
  askAuthorisation(key: string): Promise<AuthorisationAnswer>;
  capture(request: MovementRequest): Promise<MovementAnswer>;
  void(request: MovementRequest): Promise<MovementAnswer>;
  refund(request: MovementRequest): Promise<MovementAnswer>;
  askMovement(key: string): Promise<MovementAnswer>;
  readWebhook(webhook: SignedWebhook): WebhookReading;
}

/** The providers by the name under which customers choose them. */
export class PaymentProviders {
  constructor(private readonly byName: ReadonlyMap<string, PaymentProvider>) {}

  find(name: string): PaymentProvider | undefined {
    return this.byName.get(name);
  }

  of(name: string): PaymentProvider {
    const provider = this.byName.get(name);
    if (!provider) throw new Error(`No payment provider is called ${name}`);
    return provider;
  }
}
