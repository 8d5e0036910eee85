import { z } from 'zod';
import type { DeclineReason } from '../../domain/payment.js';
import type { AuthorisationAnswer, MovementAnswer } from '../../provider.js';
import { lost } from '../exchange.js';

export const AcmeCharge = z.object({
  id: z.string().min(1),
  object: z.literal('charge'),
  state: z.enum(['pending', 'authorized', 'declined', 'captured', 'voided', 'partially_refunded', 'refunded']),
  amount: z.int(),
  currency: z.string(),
  decline_code: z.string().nullable(),
  idempotency_key: z.string(),
});

export const AcmeOperation = z.object({
  object: z.enum(['capture', 'void', 'refund']),
  state: z.enum(['succeeded', 'failed']),
  failure_code: z.string().nullable(),
  idempotency_key: z.string(),
});

export const AcmeError = z.object({ error: z.object({ code: z.string() }) });

const REASONS: Record<string, DeclineReason> = {
  card_declined: 'card-declined',
  invalid_token: 'invalid-payment-method',
};

export const reasonOf = (code: string | null): DeclineReason => REASONS[code ?? ''] ?? 'refused-by-provider';

const REFUSALS: Record<string, string> = {
  charge_declined: 'not-authorised',
  charge_voided: 'already-voided',
  charge_already_captured: 'already-captured',
  charge_not_captured: 'not-captured',
  amount_too_large: 'more-than-there-is',
};

/** What is voided already needs no voiding. */
export function refusal(code: string | null, what?: 'void'): MovementAnswer {
  if (what === 'void' && code === 'charge_voided') return { kind: 'done' };
  return { kind: 'refused', because: REFUSALS[code ?? ''] ?? 'refused-by-provider' };
}

export function chargeAnswer(body: unknown, key: string): AuthorisationAnswer {
  const charge = AcmeCharge.safeParse(body);
  if (!charge.success || charge.data.idempotency_key !== key) return lost('an answer that is no charge of ours');
  const { id, state, decline_code } = charge.data;
  if (state === 'pending') return { kind: 'pending' };
  if (state === 'declined') return { kind: 'declined', reason: reasonOf(decline_code) };
  return { kind: 'authorised', reference: id };
}

export function operationAnswer(body: unknown, key: string): MovementAnswer {
  const operation = AcmeOperation.safeParse(body);
  if (!operation.success || operation.data.idempotency_key !== key)
    return lost('an answer that is no operation of ours');
  const { object, state, failure_code } = operation.data;
  if (state === 'succeeded') return { kind: 'done' };
  return refusal(failure_code, object === 'void' ? 'void' : undefined);
}
