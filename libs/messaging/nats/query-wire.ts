import { ContractViolation, type Violation } from '../contract-violation.js';
import { isJson } from '../json-copy.js';
import type { PrincipalContext } from '../message.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from '../query-errors.js';
import { LONGEST_DEADLINE_MS } from '../query.js';

/** Questions in one message at most: few enough that a burst is still shared among those who answer. */
export const QUESTIONS_TOGETHER = 32;

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

export function headOf({ withinMs, traceparent, correlationId, principal }: Question): QuestionHead {
  return { withinMs, traceparent, correlationId, principal };
}

/**
 * Writes what one side says, and has checked what the other will read.
 *
 * @returns JSON; undefined for what no JSON can say
 * @throws TypeError what `JSON.stringify` throws, and whatever `check` throws
 */
export function writeChecked(value: unknown, check: (read: unknown) => void): string | undefined {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) check(undefined);
  else check(isJson(value) ? value : JSON.parse(text));
  return text;
}

/** @param input JSON already; undefined for none */
export function questionText(withinMs: number, circumstances: QueryCircumstances, input: string | undefined): string {
  const { traceparent, correlationId, principal } = circumstances;
  let text = `{"withinMs":${withinMs}`;
  if (traceparent !== undefined) text += `,"traceparent":${JSON.stringify(traceparent)}`;
  if (correlationId !== undefined) text += `,"correlationId":${JSON.stringify(correlationId)}`;
  if (principal !== undefined) text += `,"principal":${JSON.stringify(principal)}`;
  return input === undefined ? `${text}}` : `${text},"input":${input}}`;
}

/** One that cannot be answered. Who asked it is told why; the others of its message have done nothing wrong. */
export class DamagedQuestion implements Question {
  constructor(
    readonly withinMs: number,
    readonly why: Error,
  ) {}
}

/**
 * @param otherwiseMs for a question that does not say how long it waits
 * @throws Error when this is no list of questions
 */
export function readQuestions(text: string, otherwiseMs: number): Question[] {
  const questions = JSON.parse(text) as (Partial<Question> | null)[];
  if (!Array.isArray(questions)) throw new Error('this is no list of questions');
  return questions.map((question) => readQuestion(question, otherwiseMs));
}

function readQuestion(question: Partial<Question> | null, otherwiseMs: number): Question {
  if (typeof question !== 'object' || question === null) {
    return new DamagedQuestion(otherwiseMs, new Error('this is no question'));
  }
  const said = Number(question.withinMs);
  const withinMs = said > 0 ? Math.min(said, LONGEST_DEADLINE_MS) : otherwiseMs;
  const { principal } = question;
  if (principal !== undefined && typeof principal?.sub !== 'string') {
    return new DamagedQuestion(withinMs, new Error('whose question it is came damaged')); // never taken for nobody's
  }
  question.withinMs = withinMs;
  return question as Question;
}

/** An error of a query as it crosses the border: by kind, with its words. */
export type QueryFault =
  | { error: 'violation'; contract: string; violations: Violation[] }
  | { error: 'timeout'; query: string; deadlineMs: number }
  | { error: 'unanswered'; query: string }
  | { error: 'failed'; query: string; reason: string };

/** An answer, or why there is none. */
export type QueryOutcome = { answer?: unknown; error?: undefined } | QueryFault;

/** What is said of a reply that cannot be read. */
export const DAMAGED = 'the reply is not one of a query';

/** An outcome in a reply, with the number of its question in the message. */
export type NumberedOutcome = QueryOutcome & { n: number };
/** Why a whole message has no answers. */
export type CommonFault = QueryFault & { n?: undefined };

export function faultOf(type: string, error: unknown): QueryFault {
  if (error instanceof ContractViolation) {
    return { error: 'violation', contract: error.contract, violations: error.violations };
  }
  if (error instanceof QueryTimeout) return { error: 'timeout', query: error.query, deadlineMs: error.deadlineMs };
  if (error instanceof QueryUnanswered) return { error: 'unanswered', query: error.query };
  if (error instanceof QueryFailed) return { error: 'failed', query: error.query, reason: error.reason };
  const message = (error as { message?: unknown } | null | undefined)?.message;
  return { error: 'failed', query: type, reason: typeof message === 'string' ? message : String(error) };
}

/**
 * What a fault from the wire is to who asked for `type`. Always an error and never a throw: nobody but this asker is left
 * to say that an answer came, and its deadline is off the wheel.
 */
export function errorOf(type: string, fault: QueryFault): Error {
  try {
    return knownError(fault) ?? new QueryFailed(type, `its answer is of a kind not known here: ${String(fault.error)}`);
  } catch {
    return new QueryFailed(type, DAMAGED);
  }
}

/** Undefined for a kind of a newer answerer. @throws TypeError when the fault came damaged */
function knownError(fault: QueryFault): Error | undefined {
  switch (fault.error) {
    case 'violation':
      return new ContractViolation(fault.contract, fault.violations);
    case 'timeout':
      return new QueryTimeout(fault.query, fault.deadlineMs);
    case 'unanswered':
      return new QueryUnanswered(fault.query);
    case 'failed':
      return new QueryFailed(fault.query, fault.reason);
    default:
      return undefined;
  }
}

/** @param answer JSON already; undefined for none */
export function answerText(n: number, answer: string | undefined): string {
  return answer === undefined ? `{"n":${n}}` : `{"n":${n},"answer":${answer}}`;
}

export function faultText(n: number, fault: QueryFault): string {
  return JSON.stringify({ n, ...fault });
}

/**
 * A reply to a message in which no question can be told from another: one fault for all who asked. An asker that does not
 * know it yet passes over what has no number, so the first question, which every message has, is answered by number too.
 */
export function commonFaultText(fault: QueryFault): string {
  return `[${JSON.stringify(fault)},${faultText(0, fault)}]`;
}

/** @throws Error when this is no list of outcomes */
export function readOutcomes(text: string): (NumberedOutcome | CommonFault)[] {
  const outcomes = JSON.parse(text) as (NumberedOutcome | CommonFault)[];
  if (!Array.isArray(outcomes)) throw new Error(DAMAGED);
  return outcomes;
}
