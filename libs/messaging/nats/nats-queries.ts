import { AsyncLocalStorage } from 'node:async_hooks';
import type { NatsConnection } from '@nats-io/transport-node';
import { QueryTimeout } from '../query-errors.js';
import type { AnyQuery, InputOf, OutputOf } from '../query.js';
import { Queries, type QueriesOptions } from '../queries.js';
import { NatsQueryClient } from './query-client.js';
import { NatsQueryServer, type QueryRpcContext } from './query-server.js';
import type { QueryCircumstances, QuestionHead } from './query-wire.js';

/** How a question's surroundings leave a process and arrive in another: whose it is, which trace it belongs to. */
export interface QueryTravel {
  leave(): QueryCircumstances;
  arrive<R>(circumstances: QueryCircumstances, work: () => R): R;
}

/** How questions travel between processes. */
export interface NatsQueriesOptions extends QueriesOptions {
  connection: NatsConnection;
  travel?: QueryTravel;
}

const NO_TRAVEL: QueryTravel = { leave: () => ({}), arrive: (_circumstances, work) => work() };

/** When the question under way must be answered, on the clock of `performance.now()`. */
const deadlines = new AsyncLocalStorage<number>();

/**
 * Asks other contexts wherever they run: who is in this process is called directly, who is not over NATS. Neither side can
 * tell. What is asked while answering gets only the time that is left.
 *
 * @example
 * const queries = new NatsQueries({ connection });
 * app.connectMicroservice({ strategy: queries.server });
 */
export class NatsQueries extends Queries {
  /** To be connected to the Nest application, and listening before anybody asks. */
  readonly server: NatsQueryServer;
  private readonly client: NatsQueryClient;
  private readonly travel: QueryTravel;

  constructor({ connection, travel = NO_TRAVEL, ...options }: NatsQueriesOptions) {
    super(options);
    this.travel = travel;
    this.client = new NatsQueryClient({
      connection,
      leave: () => ({ withinMs: remaining(1_000), ...travel.leave() }),
    });
    this.server = new NatsQueryServer({
      connection,
      arrive: (question, work) => deadlines.run(endOf(question), () => travel.arrive(question, work)),
    });
  }

  override answer<Query extends AnyQuery>(
    query: Query,
    answerer: (input: InputOf<Query>) => Promise<OutputOf<Query>> | OutputOf<Query>,
  ): void {
    super.answer(query, answerer);
    this.server.addHandler(query.type, (input, context: QueryRpcContext) =>
      this.askHere(query, input as InputOf<Query>, context.question.withinMs),
    );
  }

  override ask<Query extends AnyQuery>(query: Query, input: InputOf<Query>): Promise<OutputOf<Query>> {
    const withinMs = remaining(query.deadlineMs);
    if (withinMs <= 0) return Promise.reject(new QueryTimeout(query.type, query.deadlineMs));
    if (!this.answersHere(query)) return this.askElsewhere(query, input, withinMs);
    return deadlines.run(performance.now() + withinMs, () => this.askHere(query, input, withinMs));
  }

  private async askElsewhere<Query extends AnyQuery>(
    query: Query,
    input: InputOf<Query>,
    withinMs: number,
  ): Promise<OutputOf<Query>> {
    const question = input === undefined ? undefined : JSON.stringify(input);
    query.assertInput(question === undefined ? undefined : JSON.parse(question));
    const answer = await this.client.request(query.type, question, { withinMs, ...this.travel.leave() });
    query.assertOutput(answer);
    return answer as OutputOf<Query>;
  }
}

function remaining(deadlineMs: number): number {
  const end = deadlines.getStore();
  return end === undefined ? deadlineMs : Math.min(deadlineMs, Math.floor(end - performance.now()));
}

function endOf({ withinMs }: QuestionHead): number {
  return performance.now() + withinMs;
}
