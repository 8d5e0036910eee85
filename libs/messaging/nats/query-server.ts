import { BaseRpcContext, Server, type CustomTransportStrategy, type MessageHandler } from '@nestjs/microservices';
import type { Msg, NatsConnection, Subscription } from '@nats-io/transport-node';
import { isObservable, lastValueFrom } from 'rxjs';
import { DeadlineWheel } from '../deadline-wheel.js';
import { until, untilInstead } from '../query-deadline.js';
import { QueryReplies } from './query-replies.js';
import type { Responder } from './query-responder.js';
import {
  DamagedQuestion,
  commonFaultText,
  faultOf,
  headOf,
  readQuestions,
  type Question,
  type QuestionHead,
} from './query-wire.js';
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
 * filters; the `@Answers` of contexts come in by {@link answer}, without them. Both before or after it listens. What is
 * asked while answering gets only the time that is left.
 *
 * Nest's own NATS transport knows no typed outcomes, deadlines or principals.
 */
export class NatsQueryServer extends Server implements CustomTransportStrategy {
  override readonly transportId = Symbol('holdfast queries');
  private readonly subscriptions = new Map<string, Subscription>();
  private readonly responders = new Map<string, Responder>();
  private readonly deadlines = new DeadlineWheel();
  private readonly answering = new Set<QueryReplies>();
  private allAnswered?: () => void;
  private listening = false;

  constructor(private readonly options: NatsQueryServerOptions) {
    super();
  }

  listen(listening: (error?: unknown) => void): void {
    this.listening = true;
    for (const pattern of this.messageHandlers.keys()) this.subscribe(pattern);
    for (const type of this.responders.keys()) this.subscribe(type);
    listening();
  }

  /** Takes no more questions and resolves when those taken are answered. */
  async close(): Promise<void> {
    this.listening = false;
    const open = [...this.subscriptions.values()].filter((one) => !one.isClosed());
    this.subscriptions.clear();
    await Promise.all(open.map((one) => one.drain()));
    if (this.answering.size > 0) await new Promise<void>((resolve) => (this.allAnswered = resolve));
  }

  /** Names who answers a query, past Nest. */
  answer(type: string, responder: Responder): void {
    this.responders.set(type, responder);
    if (this.listening) this.subscribe(type);
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

  private subscribe(type: string): void {
    if (this.subscriptions.has(type)) return;
    const callback = (refused: Error | null, message: Msg) => {
      if (refused) this.logger.error(refused);
      else this.arrived(type, message);
    };
    this.subscriptions.set(type, this.options.connection.subscribe(querySubject(type), { queue: QUEUE, callback }));
  }

  private arrived(type: string, message: Msg): void {
    let questions: Question[];
    try {
      questions = readQuestions(message.string(), OTHERWISE_MS);
    } catch (error) {
      return this.refuse(type, message, error);
    }
    if (questions.length > 0) this.answerAll(questions, this.repliesTo(questions, type, message));
  }

  private refuse(type: string, message: Msg, error: unknown): void {
    try {
      message.respond(commonFaultText(faultOf(type, error)));
    } catch (lost) {
      this.logger.warn(lost); // the connection is gone, and with it who asked
    }
  }

  private answerAll(questions: readonly Question[], replies: QueryReplies): void {
    const responder = this.responders.get(replies.type) ?? this.throughNest(replies.type);
    const now = performance.now();
    this.deadlines.set(replies, now + longest(questions));
    until(now + questions[0]!.withinMs, () => {
      for (let n = 0; n < questions.length; n++) {
        untilInstead(now + questions[n]!.withinMs);
        this.respond(responder, questions[n]!, n, replies);
      }
    });
  }

  private repliesTo(questions: readonly Question[], type: string, message: Msg): QueryReplies {
    const replies = new QueryReplies({
      type,
      message,
      questions,
      ended: this.ended,
      lost: (error) => this.logger.warn(error),
    });
    this.answering.add(replies);
    return replies;
  }

  private readonly ended = (replies: QueryReplies): void => {
    this.deadlines.clear(replies);
    this.answering.delete(replies);
    if (this.answering.size === 0) this.allAnswered?.();
  };

  private respond(responder: Responder, question: Question, n: number, replies: QueryReplies): void {
    if (question instanceof DamagedQuestion) return replies.fail(n, question.why);
    const { arrive } = this.options;
    try {
      const answer = arrive
        ? arrive(headOf(question), () => responder(question, replies.subject))
        : responder(question, replies.subject);
      if (typeof answer !== 'object') return replies.answer(n, answer);
      answer.then(
        (text) => replies.answer(n, text),
        (error: unknown) => replies.fail(n, error),
      );
    } catch (error) {
      replies.fail(n, error);
    }
  }

  private throughNest(type: string): Responder {
    const handler = this.messageHandlers.get(type)!;
    return async (question, subject) => {
      const given: unknown = await handler(question.input, new QueryRpcContext([headOf(question), subject]));
      return JSON.stringify(isObservable(given) ? await lastValueFrom(given, { defaultValue: undefined }) : given);
    };
  }
}

function longest(questions: readonly Question[]): number {
  return questions.reduce((most, { withinMs }) => Math.max(most, withinMs), 0);
}
