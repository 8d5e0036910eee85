import type { AnswerControl, AnswerHandler } from '@holdfast/routing';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { ProblemException } from '../http/problem/problem.exception.js';
import { failureOf, type Failure } from './gateway-problems.js';
import { headerOf, type AnswerHeaders, type Pairs } from './headers.js';

/** How one attempt ended before anything was answered. */
export interface Unanswered {
  failure: Failure;
  error: Error;
}

export interface ExchangeOptions {
  request: FastifyRequest;
  reply: FastifyReply;
  headers: AnswerHeaders;
  /** Whether the client is to come back over a new connection. */
  closing: () => boolean;
  /** Told the headers of the answer before anybody outside hears of it. */
  heard: (headers: Pairs) => void;
}

/** What is read at once and not longer than this is written in one piece with its head. */
const SMALL = 16_384;

/**
 * One request on its way to one target and its answer on the way back, chunk by chunk: what the client does not take
 * is not read.
 *
 * Once over it lets go of everything: V8 soon allocates exchanges among its old objects, where a dead one would keep its
 * whole request alive until the next full collection (a fifth of what a request allocates, copied twice).
 */
export class Exchange implements AnswerHandler {
  /** Resolves when the answer is over, or says why there is none. */
  readonly done: Promise<Unanswered | undefined>;
  /** What was answered, once there is an answer. */
  answered: { status: number; asksToComeBack: boolean } | undefined;
  private readonly resolve: (outcome?: Unanswered) => void;
  private control: AnswerControl | undefined;
  private options: ExchangeOptions | undefined;

  constructor(options: ExchangeOptions) {
    this.options = options;
    const { promise, resolve } = Promise.withResolvers<Unanswered | undefined>();
    this.done = promise;
    this.resolve = resolve;
    this.response.once('close', this.onClose);
  }

  private get response() {
    return this.options!.reply.raw;
  }

  private get over(): boolean {
    return this.options === undefined;
  }

  waits(control: AnswerControl): void {
    this.begun(control); // a client that leaves gives up its place in the queue as well
  }

  begun(control: AnswerControl): void {
    this.control = control;
    if (this.response.destroyed) this.onClose();
  }

  head(status: number, reason: string, raw: Pairs): void {
    const { request, reply, headers, closing, heard } = this.options!;
    heard(raw); // also when nobody waits for the answer any more
    if (this.response.destroyed) return;
    this.answered = { status, asksToComeBack: status === 503 && headerOf(raw, 'retry-after') !== undefined };
    reply.code(status); // for the log and the metrics
    reply.hijack();
    const passed = headers.of(raw, request.id);
    if (closing()) passed.push('connection', 'close');
    this.response.writeHead(status, reason, passed);
  }

  data(chunk: Buffer): void {
    if (this.response.write(chunk)) return;
    this.control!.pause();
    this.response.once('drain', () => this.control?.resume());
  }

  /** A text of one character per byte goes out with the head, in one piece; bytes would be a second one. */
  end(last?: Buffer): void {
    if (last === undefined) this.response.end();
    else if (last.length <= SMALL) this.response.end(last.toString('latin1'), 'latin1');
    else this.response.end(last);
    this.finish();
  }

  failed(error: Error): void {
    if (this.over) return;
    if (this.response.headersSent) {
      if (!this.response.destroyed) this.answered = { status: 502, asksToComeBack: false };
      this.response.destroy(); // half an answer must not look whole
      return this.finish();
    }
    const failure = this.response.destroyed ? 'gone' : failureOf(error);
    this.finish({ failure, error });
  }

  private readonly onClose = (): void => {
    if (!this.response.writableFinished) this.control?.abort(new Error('the client went away'));
  };

  private finish(outcome?: Unanswered): void {
    this.response.off('close', this.onClose);
    this.options = undefined;
    this.control = undefined;
    this.resolve(outcome);
  }
}

/** Whether the error is an answer already, such as 413 from the middle of a body. */
export const isAnswer = (error: Error): error is ProblemException => error instanceof ProblemException;
