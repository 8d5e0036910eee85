import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../faults/answer.js';
import type { Refusal } from '../ledger/payment.js';

export class GlobexError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

export const refusals: Record<Refusal, string> = {
  pending: 'HOLD_PENDING',
  declined: 'HOLD_REFUSED',
  voided: 'HOLD_RELEASED',
  'already-captured': 'ALREADY_SETTLED',
  'not-captured': 'NOT_SETTLED',
  'exceeds-authorised': 'AMOUNT_OVER_HOLD',
  'exceeds-captured': 'AMOUNT_OVER_SETTLEMENT',
};

export const form = (status: number, fields: Record<string, string>): Answer => ({
  status,
  type: 'application/x-www-form-urlencoded',
  body: new URLSearchParams(fields).toString(),
});

export const globexError = (status: number, code: string, text: string): Answer =>
  form(status, { status: 'ERROR', errorCode: code.toUpperCase(), errorText: text });

export function handleGlobexError(error: FastifyError | GlobexError, _request: FastifyRequest, reply: FastifyReply) {
  const status = error instanceof GlobexError ? error.status : (error.statusCode ?? 500);
  if (status >= 500) console.error(error);
  const code = error instanceof GlobexError ? error.code : status >= 500 ? 'INTERNAL_ERROR' : 'BAD_REQUEST';
  const answer = globexError(status, code, status >= 500 ? 'Something went wrong on our side' : error.message);
  return reply.code(answer.status).type(answer.type).send(answer.body);
}
