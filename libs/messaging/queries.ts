import { DeadlineWheel } from './deadline-wheel.js';
import { copyAsJson } from './json-copy.js';
import { directly, strictly, type Answerer, type Call } from './query-calls.js';
import { QueryUnanswered } from './query-errors.js';
import type { AnyQuery, InputOf, OutputOf } from './query.js';

/** How asking behaves. */
export interface QueriesOptions {
  /**
   * Whether a question to this process is treated as one to another: both sides get copies, both are checked against the
   * schema, the deadline applies and is passed on. Default true. When false it is a plain call; see {@link Queries}.
   */
  strict?: boolean;
}

/**
 * Asks other contexts. In one process the answerer is called directly.
 *
 * Strict, the asker cannot tell this process from another: for tests and development. Direct (`strict: false`), what fits its
 * contract gets the same answer, and errors of answerers and missing answerers are the same, at the price of a call. What a
 * plain call does not do: neither side is checked against the schema or copied, so both may hold the same objects and must
 * not change what they were given, and values JSON cannot say arrive as they are; a slow answer is waited for, only a question that
 * came from another process and whose time is over is not asked on (ADR 14).
 *
 * @example const address = await queries.ask(PostalAddress, { accountId });
 */
export class Queries {
  private readonly calls = new Map<string, Call>();
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
    if (this.calls.has(query.type)) throw new Error(`${query.type} has two answerers; a query has exactly one`);
    const call = answerer as Answerer;
    this.calls.set(query.type, this.strict ? strictly(query, call, this.deadlines) : directly(query, call));
  }

  /**
   * @throws ContractViolation when input or output do not fit the contract (not when direct)
   * @throws QueryTimeout when the deadline passes (direct: when that of the question under way has passed before)
   * @throws QueryUnanswered when nobody answers this query
   * @throws QueryFailed when the answerer threw; its message is kept, the error itself does not cross the border
   */
  ask<Query extends AnyQuery>(query: Query, input: InputOf<Query>): Promise<OutputOf<Query>> {
    const call = this.calls.get(query.type);
    return (call === undefined ? this.askElsewhere(query, input) : call(input)) as Promise<OutputOf<Query>>;
  }

  /** What nobody in this process answers. */
  protected askElsewhere(query: AnyQuery, input: unknown): Promise<unknown> {
    return new Promise((_, reject) => {
      if (this.strict) query.assertInput(copyAsJson(input));
      reject(new QueryUnanswered(query.type));
    });
  }
}
