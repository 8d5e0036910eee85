import { DeadlineWheel } from './deadline-wheel.js';
import { QueryFailed, QueryTimeout, QueryUnanswered } from './query-errors.js';
import type { AnyQuery, InputOf, OutputOf } from './query.js';

type Answerer = (input: unknown) => unknown;

/** How asking behaves. */
export interface QueriesOptions {
  /** Copies input and output through JSON and checks them, so that one process behaves as many would. Default true. */
  strict?: boolean;
}

/**
 * Asks other contexts. In one process the answerer is called directly; the asker cannot tell the difference:
 * deadlines apply, and in strict mode both sides see copies that fit the schema.
 *
 * @example const address = await queries.ask(PostalAddress, { accountId });
 */
export class Queries {
  private readonly answerers = new Map<string, Answerer>();
  private readonly deadlines = new DeadlineWheel();
  private readonly strict: boolean;

  constructor({ strict = true }: QueriesOptions = {}) {
    this.strict = strict;
  }

  /** Names the one answerer of a query. @throws Error when it already has one. */
  answer<Query extends AnyQuery>(
    query: Query,
    answerer: (input: InputOf<Query>) => Promise<OutputOf<Query>> | OutputOf<Query>,
  ): void {
    if (this.answerers.has(query.type)) throw new Error(`${query.type} has two answerers; a query has exactly one`);
    this.answerers.set(query.type, answerer as Answerer);
  }

  /**
   * @throws ContractViolation when input or output do not fit the contract
   * @throws QueryTimeout when the deadline passes
   * @throws QueryUnanswered when nobody answers this query
   * @throws QueryFailed when the answerer threw; its message is kept, the error itself does not cross the border
   */
  ask<Query extends AnyQuery>(query: Query, input: InputOf<Query>): Promise<OutputOf<Query>> {
    return this.askHere(query, input, query.deadlineMs);
  }

  /** Whether this process answers a query itself. */
  protected answersHere(query: AnyQuery): boolean {
    return this.answerers.has(query.type);
  }

  protected askHere<Query extends AnyQuery>(
    query: Query,
    input: InputOf<Query>,
    withinMs: number,
  ): Promise<OutputOf<Query>> {
    try {
      const question = this.strict ? copy(input) : input;
      query.assertInput(question);
      const answerer = this.answerers.get(query.type);
      if (!answerer) throw new QueryUnanswered(query.type);
      const answer = attempt(query, answerer, question);
      if (isPromise(answer)) return this.beforeDeadline(query, answer, withinMs);
      return Promise.resolve(this.received(query, answer));
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }

  private beforeDeadline<Query extends AnyQuery>(
    query: Query,
    answer: Promise<unknown>,
    withinMs: number,
  ): Promise<OutputOf<Query>> {
    return new Promise((resolve, reject) => {
      const deadline = this.deadlines.set(withinMs, () => reject(new QueryTimeout(query.type, withinMs)));
      answer.then(
        (given) => {
          this.deadlines.clear(deadline);
          try {
            resolve(this.received(query, given));
          } catch (error) {
            reject(error as Error);
          }
        },
        (error: unknown) => {
          this.deadlines.clear(deadline);
          reject(failure(query, error));
        },
      );
    });
  }

  /** The answer as the asker sees it. */
  private received<Query extends AnyQuery>(query: Query, given: unknown): OutputOf<Query> {
    const answer = this.strict ? attempt(query, copy, given) : given;
    query.assertOutput(answer);
    return answer as OutputOf<Query>;
  }
}

function attempt(query: AnyQuery, answerer: Answerer, question: unknown): unknown {
  try {
    return answerer(question);
  } catch (error) {
    throw failure(query, error);
  }
}

function failure({ type }: AnyQuery, error: unknown): QueryFailed {
  return new QueryFailed(type, error instanceof Error ? error.message : String(error));
}

function isPromise(value: unknown): value is Promise<unknown> {
  return typeof (value as Promise<unknown> | undefined)?.then === 'function';
}

/** As a value looks after a journey. */
export function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
