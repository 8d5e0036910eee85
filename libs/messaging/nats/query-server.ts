import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { lastValueFrom } from 'rxjs';
import { outcomeOf, readQuestion, toReply, type QueryOutcome, type QuestionHead } from './query-wire.js';
import { querySubject } from './subjects.js';

export interface NatsQueryServerOptions {
  connection: NatsConnection;
  /** Stands around every answerer: restores whose question it is. Default: nothing does. */
  arrive?: <R>(question: QuestionHead, work: () => R) => R;
}

/** What an answerer behind Nest's `@Ctx()` may know of its question. */
export class QueryRpcContext extends BaseRpcContext<[QuestionHead, string]> {
  get question(): QuestionHead {
    return this.getArgByIndex(0);
  }

  get subject(): string {
    return this.getArgByIndex(1);
  }
}

/** One of all processes that answer a query gets a question. */
const QUEUE = 'answerers';
const OTHERWISE_MS = 1_000;

/**
 * The server side of queries as a Nest custom transport: `app.connectMicroservice({ strategy: new NatsQueryServer(…) })`.
 * A controller's `@MessagePattern('orders.shipping-address.v1')` is answered with its guards, pipes, interceptors and
 * filters; the `@Answers` of contexts come in by {@link addHandler}, before or after it listens.
 *
 * Nest's own NATS transport knows no typed outcomes, deadlines or principals.
 */
export class NatsQueryServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('holdfast queries');
  private readonly subscriptions = new Map<string, Subscription>();
  private listening = false;

  constructor(private readonly options: NatsQueryServerOptions) {
    super();
  }

  listen(listening: (error?: unknown) => void): void {
    this.listening = true;
    for (const pattern of this.messageHandlers.keys()) this.subscribe(pattern);
    listening();
  }

  /** Takes no more questions and resolves when those taken are answered. */
  async close(): Promise<void> {
    this.listening = false;
    const open = [...this.subscriptions.values()].filter((one) => !one.isClosed());
    this.subscriptions.clear();
    await Promise.all(open.map((one) => one.drain()));
    await Promise.all(this.answering);
  }

  override addHandler(pattern: unknown, callback: MessageHandler, isEvent?: boolean, extras?: Record<string, unknown>) {
    super.addHandler(pattern, callback, isEvent, extras);
    if (this.listening) this.subscribe(this.normalizePattern(pattern as string));
  }

  on(): never {
    throw new Error('Listen to the status of the connection instead');
  }

  unwrap<T>(): T {
    return this.options.connection as T;
  }

  private readonly answering = new Set<Promise<void>>();

  private subscribe(pattern: string): void {
    if (this.subscriptions.has(pattern)) return;
    const callback = (refused: Error | null, question: Msg) => {
      if (refused) return this.logger.error(refused);
      const answered = this.reply(pattern, question).finally(() => this.answering.delete(answered));
      this.answering.add(answered);
    };
    this.subscriptions.set(
      pattern,
      this.options.connection.subscribe(querySubject(pattern), { queue: QUEUE, callback }),
    );
  }

  private async reply(pattern: string, question: Msg): Promise<void> {
    const { payload, headers } = toReply(await this.outcome(pattern, question));
    try {
      question.respond(payload, { headers });
    } catch (error) {
      this.logger.warn(error); // the connection is gone, and with it who asked
    }
  }

  private async outcome(pattern: string, question: Msg): Promise<QueryOutcome> {
    try {
      const head = readQuestion(question.headers, OTHERWISE_MS);
      const input: unknown = question.data.length === 0 ? undefined : question.json();
      const handler = this.messageHandlers.get(pattern)!;
      const { arrive = (_head, work) => work() } = this.options;
      const answer = await arrive(head, async () => {
        const given: unknown = await handler(input, new QueryRpcContext([head, question.subject]));
        return lastValueFrom(this.transformToObservable(given), { defaultValue: undefined });
      });
      return { answer };
    } catch (error) {
      return outcomeOf(pattern, error);
    }
  }
}
