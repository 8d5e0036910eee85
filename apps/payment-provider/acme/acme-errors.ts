import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../faults/answer.js';
import type { Refusal } from '../ledger/payment.js';

export class AcmeError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

const types: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  404: 'not_found_error',
  409: 'state_error',
  422: 'idempotency_error',
  429: 'rate_limit_error',
};

export const refusals: Record<Refusal, { code: string; message: string }> = {
  pending: { code: 'charge_pending', message: 'The charge is not decided yet' },
  declined: { code: 'charge_declined', message: 'The charge was declined' },
  voided: { code: 'charge_voided', message: 'The charge was voided' },
  'already-captured': { code: 'charge_already_captured', message: 'The charge was already captured' },
  'not-captured': { code: 'charge_not_captured', message: 'The charge was not captured' },
  'exceeds-authorised': { code: 'amount_too_large', message: 'The amount exceeds what was authorized' },
  'exceeds-captured': { code: 'amount_too_large', message: 'The amount exceeds what is left of the capture' },
};

export const json = (status: number, body: unknown): Answer => ({
  status,
  type: 'application/json',
  body: JSON.stringify(body),
});

export const acmeError = (status: number, code: string, message: string): Answer =>
  json(status, { error: { type: types[status] ?? 'api_error', code, message } });

export function handleAcmeError(error: FastifyError | AcmeError, _request: FastifyRequest, reply: FastifyReply) {
  const status = error instanceof AcmeError ? error.status : (error.statusCode ?? 500);
  if (status >= 500) console.error(error);
  const code = error instanceof AcmeError ? error.code : status >= 500 ? 'internal_error' : 'invalid_request';
  const answer = acmeError(status, code, status >= 500 ? 'Something went wrong on our side' : error.message);
  return reply.code(answer.status).type(answer.type).send(answer.body);
}
