import { z } from 'zod';
import type { DeclineReason } from '../../domain/payment.js';
import type { AuthorisationAnswer, MovementAnswer } from '../../provider.js';
import { lost, type Lost } from '../exchange.js';

/** Globex answers in forms, and half a form still parses: an answer counts only when its last field is there too. */
export const GlobexInstruction = z.object({
  status: z.enum(['PENDING', 'HELD', 'REFUSED', 'SETTLED', 'RELEASED', 'REVERSED']),
  merchantRef: z.string(),
  originalRef: z.string(),
  transactionId: z.string().min(1),
  amount: z.string(),
  currency: z.string(),
  refusalReason: z.string().optional(),
  receivedAt: z.iso.datetime(),
  duplicate: z.enum(['true', 'false']).optional(),
});
export type GlobexInstruction = z.infer<typeof GlobexInstruction>;

const REASONS: Record<string, DeclineReason> = {
  CARD_DECLINED: 'card-declined',
  INVALID_TOKEN: 'invalid-payment-method',
};

export const reasonOf = (code = ''): DeclineReason => REASONS[code] ?? 'refused-by-provider';

const REFUSALS: Record<string, string> = {
  HOLD_REFUSED: 'not-authorised',
  HOLD_RELEASED: 'already-voided',
  ALREADY_SETTLED: 'already-captured',
  NOT_SETTLED: 'not-captured',
  AMOUNT_OVER_HOLD: 'more-than-there-is',
  AMOUNT_OVER_SETTLEMENT: 'more-than-there-is',
};

/** What is released already needs no releasing; what is not decided yet is no refusal. */
export function refusal(code: string, what?: 'release'): MovementAnswer {
  if (what === 'release' && code === 'HOLD_RELEASED') return { kind: 'done' };
  const because = REFUSALS[code];
  return because === undefined ? lost(`refused with ${code}`) : { kind: 'refused', because };
}

export function holdAnswer({ status, merchantRef, refusalReason }: GlobexInstruction): AuthorisationAnswer {
  if (status === 'PENDING') return { kind: 'pending' };
  if (status === 'REFUSED') return { kind: 'declined', reason: reasonOf(refusalReason) };
  return status === 'HELD' ? { kind: 'authorised', reference: merchantRef } : notThat(status);
}

export function movementAnswer({ status }: GlobexInstruction): MovementAnswer {
  if (status === 'PENDING') return { kind: 'pending' };
  return status === 'HELD' || status === 'REFUSED' ? notThat(status) : { kind: 'done' };
}

const notThat = (status: string): Lost => lost(`${status} under a key of another kind`);

/** The fields of a form, or undefined when one is given twice. */
export function formOf(text: string): Record<string, string> | undefined {
  const pairs = [...new URLSearchParams(text)];
  const fields = Object.fromEntries(pairs);
  return Object.keys(fields).length === pairs.length ? fields : undefined;
}
