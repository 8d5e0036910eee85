import { Deadline, type DeadlineWheel } from './deadline-wheel.js';
import { copyAsJson } from './json-copy.js';
import { remaining, until } from './query-deadline.js';
import { QueryFailed, QueryTimeout } from './query-errors.js';
import type { AnyQuery } from './query.js';

/** Who answers a query, as its context wrote it. */
export type Answerer = (input: unknown) => unknown;
/** A query as it is asked in this process; composed once, when its answerer is named. */
export type Call = (input: unknown) => Promise<unknown>;

/**
 * A plain call. All that stands around it: the time of a question that came from elsewhere must not be over, and only the
 * words of an error come back.
 */
export function directly({ type, deadlineMs }: AnyQuery, answerer: Answerer): Call {
  const fail = (error: unknown): never => {
    throw failureOf(type, error);
  };
  return (input) => {
    if (remaining(deadlineMs) <= 0) return Promise.reject(new QueryTimeout(type, deadlineMs));
    try {
      return Promise.resolve(answerer(input)).then(undefined, fail);
    } catch (error) {
      return Promise.reject(failureOf(type, error));
    }
  };
}

/** As between two processes: both sides get copies that fit the schema, and the answer comes before the deadline. */
export function strictly(query: AnyQuery, answerer: Answerer, deadlines: DeadlineWheel): Call {
  const { type, deadlineMs } = query;
  return (input) =>
    new Promise((resolve, reject) => {
      const withinMs = remaining(deadlineMs);
      if (withinMs <= 0) return reject(new QueryTimeout(type, deadlineMs));
      const question = copyAsJson(input);
      query.assertInput(question);
      const end = performance.now() + withinMs;
      const answer = attempt(type, () => until(end, () => answerer(question)));
      if (!isPromise(answer)) return resolve(received(query, answer));
      const asker = new Asker(type, withinMs, reject);
      deadlines.set(asker, end);
      answer.then(
        (given) => {
          deadlines.clear(asker);
          try {
            resolve(received(query, given));
          } catch (error) {
            reject(error as Error);
          }
        },
        (error: unknown) => {
          deadlines.clear(asker);
          reject(failureOf(type, error));
        },
      );
    });
}

/** What an answerer's error looks like to who asked. */
export function failureOf(type: string, error: unknown): QueryFailed {
  return new QueryFailed(type, error instanceof Error ? error.message : String(error));
}

export function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function';
}

class Asker extends Deadline {
  constructor(
    private readonly type: string,
    private readonly withinMs: number,
    private readonly reject: (error: Error) => void,
  ) {
    super();
  }

  override expire(): void {
    this.reject(new QueryTimeout(this.type, this.withinMs));
  }
}

/** The answer as the asker sees it. */
function received(query: AnyQuery, given: unknown): unknown {
  const answer = attempt(query.type, () => copyAsJson(given));
  query.assertOutput(answer);
  return answer;
}

function attempt<R>(type: string, work: () => R): R {
  try {
    return work();
  } catch (error) {
    throw failureOf(type, error);
  }
}
