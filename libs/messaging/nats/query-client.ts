import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import type { NatsConnection } from '@nats-io/transport-node';
import { QueryMultiplexer } from './query-multiplexer.js';
import { questionText, type QuestionHead } from './query-wire.js';

export interface NatsQueryClientOptions {
  connection: NatsConnection;
  /** What goes with every question; default only how long an answer is waited for, 1,000 ms. */
  leave?: () => QuestionHead;
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
   * @param input JSON already; undefined for none
   * @throws QueryUnanswered at once when nobody listens, QueryTimeout when the deadline passes, else what the answerer threw
   */
  request(type: string, input: string | undefined, head: QuestionHead): Promise<unknown> {
    return this.multiplexer.ask(type, questionText(head, input), head.withinMs);
  }

  protected publish({ pattern, data }: ReadPacket, deliver: (packet: WritePacket) => void): () => void {
    const head = this.options.leave?.() ?? { withinMs: 1_000 };
    let wanted = true;
    this.request(this.normalizePattern(pattern as string), JSON.stringify(data), head).then(
      (response) => wanted && deliver({ response, isDisposed: true }),
      (err: unknown) => wanted && deliver({ err, isDisposed: true }),
    );
    return () => (wanted = false);
  }

  protected dispatchEvent(): Promise<never> {
    return Promise.reject(new Error('Events go through the outbox: tx.emit'));
  }
}
