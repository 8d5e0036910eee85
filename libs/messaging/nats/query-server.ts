import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { isObservable, lastValueFrom } from 'rxjs';
import { QueryReplies } from './query-replies.js';
import { outcomeOf, readQuestions, type Question, type QueryOutcome, type QuestionHead } from './query-wire.js';
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
 * A controller's `@MessagePattern('accounts.postal-address.v1')` is answered with its guards, pipes, interceptors and
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
    const callback = (refused: Error | null, message: Msg) => {
      if (refused) return this.logger.error(refused);
      const answered = this.reply(pattern, message).finally(() => this.answering.delete(answered));
      this.answering.add(answered);
    };
    this.subscriptions.set(
      pattern,
      this.options.connection.subscribe(querySubject(pattern), { queue: QUEUE, callback }),
    );
  }

  private async reply(pattern: string, message: Msg): Promise<void> {
    try {
      const questions = questionsIn(message);
      const replies = new QueryReplies(pattern, message, questions.length, (error) => this.logger.warn(error));
      await Promise.all(
        questions.map(async (question, n) => replies.add(n, await this.outcome(pattern, message.subject, question))),
      );
    } catch (error) {
      new QueryReplies(pattern, message, 1, (lost) => this.logger.warn(lost)).add(0, outcomeOf(pattern, error));
    }
  }

  private async outcome(pattern: string, subject: string, question: Question): Promise<QueryOutcome> {
    try {
      const { input, ...head } = question;
      const handler = this.messageHandlers.get(pattern)!;
      const { arrive = (_head, work) => work() } = this.options;
      const answer = await arrive(head, async () => {
        const given: unknown = await handler(input, new QueryRpcContext([head, subject]));
        return isObservable(given) ? lastValueFrom(given, { defaultValue: undefined }) : given;
      });
      return { answer };
    } catch (error) {
      return outcomeOf(pattern, error);
    }
  }
}

function questionsIn(message: Msg): Question[] {
  return readQuestions(message.string(), OTHERWISE_MS);
}
