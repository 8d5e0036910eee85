import { ContractViolation, type Violation } from '../contract-violation.js';
import type { PrincipalContext } from '../message.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from '../query-errors.js';

/** What goes with a question besides its input. */
export interface QueryCircumstances {
  traceparent?: string;
  correlationId?: string;
  principal?: PrincipalContext;
}

/** How long an answer is waited for, and on whose behalf. */
export interface QuestionHead extends QueryCircumstances {
  /** Milliseconds left when it was asked. */
  withinMs: number;
}

/** One of the questions in a message: they travel as a JSON array. */
export interface Question extends QuestionHead {
  input?: unknown;
}

/** @param input JSON already; undefined for none */
export function questionText(head: QuestionHead, input: string | undefined): string {
  const text = JSON.stringify(head);
  return input === undefined ? text : `${text.slice(0, -1)},"input":${input}}`;
}

/**
 * @param otherwiseMs for a question that does not say how long it waits
 * @throws Error when this is no list of questions, or a principal came damaged: it is never taken for nobody
 */
export function readQuestions(text: string, otherwiseMs: number): Question[] {
  const questions = JSON.parse(text) as Partial<Question>[];
  if (!Array.isArray(questions)) throw new Error('this is no list of questions');
  for (const question of questions) {
    if (typeof question !== 'object' || question === null) throw new Error('this is no question');
    if (!(Number(question.withinMs) > 0)) question.withinMs = otherwiseMs;
    const { principal } = question;
    if (principal !== undefined && typeof principal?.sub !== 'string')
      throw new Error('whose question it is came damaged');
  }
  return questions as Question[];
}

/** An answer, or an error of a query as it crosses the border: by kind, with its words. */
export type QueryOutcome =
  | { answer?: unknown }
  | { error: 'violation'; contract: string; violations: Violation[] }
  | { error: 'timeout'; query: string; deadlineMs: number }
  | { error: 'unanswered'; query: string }
  | { error: 'failed'; query: string; reason: string };

/** An outcome in a reply, with the number of its question in the message. */
export type NumberedOutcome = QueryOutcome & { n: number };

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

export function errorOf(outcome: Extract<QueryOutcome, { error: string }>): Error {
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

/** Says so when an answer cannot be written as JSON. */
export function outcomeText(type: string, n: number, outcome: QueryOutcome): string {
  try {
    return JSON.stringify({ n, ...outcome });
  } catch (error) {
    return JSON.stringify({ n, ...outcomeOf(type, error) });
  }
}

/** @throws Error when this is no list of outcomes */
export function readOutcomes(text: string): NumberedOutcome[] {
  const outcomes = JSON.parse(text) as NumberedOutcome[];
  if (!Array.isArray(outcomes)) throw new Error('the reply is not one of a query');
  return outcomes;
}
