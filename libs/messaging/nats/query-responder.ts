import { failureOf, isPromise, type Answerer } from '../query-calls.js';
import type { AnyQuery } from '../query.js';
import { writeChecked, type Question } from './query-wire.js';

/** Answers a question that came from afar with JSON, undefined for none. It throws or rejects with what its asker is told. */
export type Responder = (question: Question, subject: string) => Promise<string | undefined> | string | undefined;

/** How a context's answerer answers from afar: a question and its answer are judged as they arrive. */
export function responderOf(query: AnyQuery, answerer: Answerer): Responder {
  const written = (answer: unknown) => writeChecked(answer, query.assertOutput);
  const fail = (error: unknown): never => {
    throw failureOf(query.type, error);
  };
  return ({ input }) => {
    query.assertInput(input);
    let answer: unknown;
    try {
      answer = answerer(input);
    } catch (error) {
      return fail(error);
    }
    return isPromise(answer) ? answer.then(written, fail) : written(answer);
  };
}
