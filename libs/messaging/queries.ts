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
  async ask<Query extends AnyQuery>(query: Query, input: InputOf<Query>): Promise<OutputOf<Query>> {
    const answerer = this.answerers.get(query.type);
    if (!answerer) throw new QueryUnanswered(query.type);
    const question = this.strict ? copy(input) : input;
    query.assertInput(question);
    const answer = await this.beforeDeadline(query, async () => {
      const given = await answerer(question);
      return this.strict ? copy(given) : given;
    });
    query.assertOutput(answer);
    return answer as OutputOf<Query>;
  }

  private async beforeDeadline(query: AnyQuery, answering: () => Promise<unknown>): Promise<unknown> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new QueryTimeout(query.type, query.deadlineMs)), query.deadlineMs);
    });
    try {
      return await Promise.race([attempt(query, answering), deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

async function attempt(query: AnyQuery, answering: () => Promise<unknown>): Promise<unknown> {
  try {
    return await answering();
  } catch (error) {
    throw new QueryFailed(query.type, error instanceof Error ? error.message : String(error));
  }
}

/** As a value looks after a journey. */
function copy<T>(value: T): T {
  return value === undefined ? value : (JSON.parse(JSON.stringify(value)) as T);
}
