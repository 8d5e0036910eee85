import { ClientProxy, type ReadPacket, type WritePacket } from '@nestjs/microservices';
import { RequestError, TimeoutError, type NatsConnection } from '@nats-io/transport-node';
import { QueryTimeout, QueryUnanswered } from '../query-errors.js';
import { errorOf, fromReply, questionHeaders, type QuestionHead } from './query-wire.js';
import { querySubject } from './subjects.js';

export interface NatsQueryClientOptions {
  connection: NatsConnection;
  /** What goes with every question; default only how long an answer is waited for, 1,000 ms. */
  leave?: () => QuestionHead;
}

/**
 * The client side of queries as a Nest `ClientProxy`: `client.send('orders.shipping-address.v1', { orderId })`.
 * Inside contexts `Queries.ask` says the same with types and schemas.
 */
export class NatsQueryClient extends ClientProxy {
  constructor(private readonly options: NatsQueryClientOptions) {
    super();
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
   * @throws QueryUnanswered at once when nobody listens, QueryTimeout when the deadline passes, else what the answerer threw
   */
  async request(type: string, input: unknown, head: QuestionHead): Promise<unknown> {
    const payload = input === undefined ? '' : JSON.stringify(input);
    const options = { timeout: head.withinMs, headers: questionHeaders(head) };
    const reply = await this.options.connection
      .request(querySubject(type), payload, options)
      .catch((error: unknown) => {
        throw unanswered(type, head.withinMs, error);
      });
    const outcome = fromReply(type, reply.headers, reply.string());
    if ('error' in outcome) throw errorOf(outcome);
    return outcome.answer;
  }

  protected publish({ pattern, data }: ReadPacket, deliver: (packet: WritePacket) => void): () => void {
    const head = this.options.leave?.() ?? { withinMs: 1_000 };
    let wanted = true;
    this.request(this.normalizePattern(pattern as string), data, head).then(
      (response) => wanted && deliver({ response, isDisposed: true }),
      (err: unknown) => wanted && deliver({ err, isDisposed: true }),
    );
    return () => (wanted = false);
  }

  protected dispatchEvent(): Promise<never> {
    return Promise.reject(new Error('Events go through the outbox: tx.emit'));
  }
}

function unanswered(type: string, withinMs: number, error: unknown): unknown {
  if (error instanceof TimeoutError) return new QueryTimeout(type, withinMs);
  if (error instanceof RequestError && error.isNoResponders()) return new QueryUnanswered(type);
  if (error instanceof Error && /clos|drain/i.test(error.name + error.message)) return new QueryUnanswered(type);
  return error;
}
