import { headers, type MsgHdrs } from '@nats-io/transport-node';
import { ContractViolation, type Violation } from '../contract-violation.js';
import type { PrincipalContext } from '../message.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from '../query-errors.js';

/** What goes with a question besides its input. */
export interface QueryCircumstances {
  traceparent?: string;
  correlationId?: string;
  principal?: PrincipalContext;
}

/** A question's headers: how long an answer is waited for, and on whose behalf. */
export interface QuestionHead extends QueryCircumstances {
  /** Milliseconds left when it was asked. */
  withinMs: number;
}

const WITHIN = 'Holdfast-Within-Ms';
const CORRELATION = 'Holdfast-Correlation-Id';
const PRINCIPAL = 'Holdfast-Principal';
const TRACEPARENT = 'traceparent';
const OUTCOME = 'Holdfast-Outcome';

export function questionHeaders({ withinMs, traceparent, correlationId, principal }: QuestionHead): MsgHdrs {
  const head = headers();
  head.set(WITHIN, String(withinMs));
  if (traceparent !== undefined) head.set(TRACEPARENT, traceparent);
  if (correlationId !== undefined) head.set(CORRELATION, correlationId);
  // Encoded: a header is one line of what NATS takes for text.
  if (principal !== undefined) head.set(PRINCIPAL, encodeURIComponent(JSON.stringify(principal)));
  return head;
}

/** @throws Error when a principal came damaged: it is never taken for nobody */
export function readQuestion(head: MsgHdrs | undefined, otherwiseMs: number): QuestionHead {
  const withinMs = Number(head?.get(WITHIN) || Number.NaN);
  const principal = head?.get(PRINCIPAL);
  const traceparent = head?.get(TRACEPARENT);
  const correlationId = head?.get(CORRELATION);
  return {
    withinMs: withinMs > 0 ? withinMs : otherwiseMs,
    ...(traceparent && { traceparent }),
    ...(correlationId && { correlationId }),
    ...(principal && { principal: JSON.parse(decodeURIComponent(principal)) as PrincipalContext }),
  };
}

/** An answer, or an error of a query as it crosses the border: by kind, with its words. */
export type QueryOutcome =
  | { answer: unknown }
  | { error: 'violation'; contract: string; violations: Violation[] }
  | { error: 'timeout'; query: string; deadlineMs: number }
  | { error: 'unanswered'; query: string }
  | { error: 'failed'; query: string; reason: string };

export function outcomeOf(type: string, error: unknown): QueryOutcome {
  if (error instanceof ContractViolation) {
    return { error: 'violation', contract: error.contract, violations: error.violations };
  }
  if (error instanceof QueryTimeout) return { error: 'timeout', query: error.query, deadlineMs: error.deadlineMs };
  if (error instanceof QueryUnanswered) return { error: 'unanswered', query: error.query };
  if (error instanceof QueryFailed) return { error: 'failed', query: error.query, reason: error.reason };
  const { message } = error as { message?: unknown };
  return { error: 'failed', query: type, reason: typeof message === 'string' ? message : String(error) };
}

export function errorOf(outcome: Exclude<QueryOutcome, { answer: unknown }>): Error {
  switch (outcome.error) {
    case 'violation':
      return new ContractViolation(outcome.contract, outcome.violations);
    case 'timeout':
      return new QueryTimeout(outcome.query, outcome.deadlineMs);
    case 'unanswered':
      return new QueryUnanswered(outcome.query);
    case 'failed':
      return new QueryFailed(outcome.query, outcome.reason);
  }
}

export function toReply(outcome: QueryOutcome): { payload: string; headers: MsgHdrs } {
  const head = headers();
  head.set(OUTCOME, 'error' in outcome ? outcome.error : 'answer');
  const content = 'error' in outcome ? outcome : outcome.answer;
  return { payload: content === undefined ? '' : JSON.stringify(content), headers: head };
}

export function fromReply(type: string, head: MsgHdrs | undefined, text: string): QueryOutcome {
  const kind = head?.get(OUTCOME);
  const content: unknown = text === '' ? undefined : JSON.parse(text);
  if (kind === 'answer') return { answer: content };
  if (kind) return content as QueryOutcome;
  return { error: 'failed', query: type, reason: 'the reply is not one of a query' };
}
