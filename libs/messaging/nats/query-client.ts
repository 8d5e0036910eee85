import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { QueryMultiplexer } from './query-multiplexer.js';
import { questionText, type QueryCircumstances, type QuestionHead } from './query-wire.js';

export interface NatsQueryClientOptions {
  connection: NatsConnection;
  /** What goes with every question; default only how long an answer is waited for, 1,000 ms. */
  leave?: () => QuestionHead;
}

/** What is asked, on whose behalf, and what makes an answer one. */
export interface QueryRequest {
  type: string;
  withinMs: number;
  circumstances: QueryCircumstances;
  /** JSON already; undefined for none. */
  input: string | undefined;
  /** Throws when the answer does not fit its contract. Default: nothing is checked. */
  check?: (answer: unknown) => void;
}

/**
 * The client side of queries as a Nest `ClientProxy`: `client.send('accounts.postal-address.v1', { accountId })`.
 * Inside contexts `Queries.ask` says the same with types and schemas.
 */
export class NatsQueryClient extends ClientProxy {
  private readonly multiplexer: QueryMultiplexer;

  constructor(private readonly options: NatsQueryClientOptions) {
    super();
    this.multiplexer = new QueryMultiplexer(options.connection);
  }

  connect(): Promise<NatsConnection> {
    return Promise.resolve(this.options.connection);
  }

  /** The connection belongs to who made it. */
  close(): void {}

  unwrap<T>(): T {
    return this.options.connection as T;
  }

  /**
   * @throws QueryUnanswered at once when nobody listens, QueryTimeout when the deadline passes, QueryFailed with the answerer's
   *   words when it threw
   */
  request({ type, withinMs, circumstances, input, check }: QueryRequest): Promise<unknown> {
    return this.multiplexer.ask({ type, question: questionText(withinMs, circumstances, input), withinMs, check });
  }

  protected publish({ pattern, data }: ReadPacket, deliver: (packet: WritePacket) => void): () => void {
    const { withinMs, ...circumstances } = this.options.leave?.() ?? { withinMs: 1_000 };
    const type = this.normalizePattern(pattern as string);
    let wanted = true;
    this.request({ type, withinMs, circumstances, input: JSON.stringify(data) }).then(
      (response) => wanted && deliver({ response, isDisposed: true }),
      (err: unknown) => wanted && deliver({ err, isDisposed: true }),
    );
    return () => (wanted = false);
  }

  protected dispatchEvent(): Promise<never> {
    return Promise.reject(new Error('Events go through the outbox: tx.emit'));
  }
}
