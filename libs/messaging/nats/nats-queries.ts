import type { NatsConnection } from '@nats-io/transport-node';
import type { Answerer } from '../query-calls.js';
import { remaining } from '../query-deadline.js';
import { QueryTimeout } from '../query-errors.js';
import type { AnyQuery, InputOf, OutputOf } from '../query.js';
import { Queries, type QueriesOptions } from '../queries.js';
import { NatsQueryClient } from './query-client.js';
import { responderOf } from './query-responder.js';
import { NatsQueryServer } from './query-server.js';
import { writeChecked, type QueryCircumstances } from './query-wire.js';

/** How a question's surroundings leave a process and arrive in another: whose it is, which trace it belongs to. */
export interface QueryTravel {
  leave(): QueryCircumstances;
  arrive<R>(circumstances: QueryCircumstances, work: () => R): R;
}

/** How questions travel between processes. */
export interface NatsQueriesOptions extends QueriesOptions {
  connection: NatsConnection;
  /** Default: nothing goes with a question but the time that is left. */
  travel?: QueryTravel;
}

const NOTHING: QueryCircumstances = Object.freeze({});

/**
 * Asks other contexts wherever they run: who is in this process is called as {@link Queries} says, who is not over NATS,
 * always with copies, checks and a deadline. What is asked while answering gets only the time that is left.
 *
 * @example
 * const queries = new NatsQueries({ connection });
 * app.connectMicroservice({ strategy: queries.server });
 */
export class NatsQueries extends Queries {
  /** To be connected to the Nest application, and listening before anybody asks. */
  readonly server: NatsQueryServer;
  private readonly client: NatsQueryClient;
  private readonly travel: QueryTravel | undefined;

  constructor({ connection, travel, ...options }: NatsQueriesOptions) {
    super(options);
    this.travel = travel;
    this.client = new NatsQueryClient({ connection });
    this.server = new NatsQueryServer({
      connection,
      ...(travel && { arrive: (question, work) => travel.arrive(question, work) }),
    });
  }

  override answer<Query extends AnyQuery>(
    query: Query,
    answerer: (input: InputOf<Query>) => Promise<OutputOf<Query>> | OutputOf<Query>,
  ): void {
    super.answer(query, answerer);
    this.server.answer(query.type, responderOf(query, answerer as Answerer));
  }

  protected override askElsewhere(query: AnyQuery, input: unknown): Promise<unknown> {
    const { type, deadlineMs } = query;
    const withinMs = remaining(deadlineMs);
    if (withinMs <= 0) return Promise.reject(new QueryTimeout(type, deadlineMs));
    try {
      const text = writeChecked(input, query.assertInput);
      const circumstances = this.travel?.leave() ?? NOTHING;
      return this.client.request({ type, withinMs, circumstances, input: text, check: query.assertOutput });
    } catch (error) {
      return Promise.reject(error as Error);
    }
  }
}
