import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { ProblemException } from '../http/problem/problem.exception.js';
import { failureOf, type Failure } from './gateway-problems.js';
import { responseHeaders } from './headers.js';

/** How one attempt ended before anything was answered. */
export interface Unanswered {
  failure: Failure;
  error: Error;
}

export interface ExchangeOptions {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Whether the client is to come back over a new connection. */
  closing: () => boolean;
  /** Told the headers of the answer before anybody outside hears of it. */
  heard: (headers: IncomingHttpHeaders) => void;
}

/**
 * One request on its way to one target and its answer on the way back, chunk by chunk: what the client does not take
 * is not read.
 */
export class Exchange implements Dispatcher.DispatchHandler {
  /** Resolves when the answer is over, or says why there is none. */
  readonly done: Promise<Unanswered | undefined>;
  /** What was answered, once there is an answer. */
  answered: { status: number; asksToComeBack: boolean } | undefined;
  private readonly resolve: (outcome?: Unanswered) => void;
  private controller: Dispatcher.DispatchController | undefined;

  constructor(private readonly options: ExchangeOptions) {
    const { promise, resolve } = Promise.withResolvers<Unanswered | undefined>();
    this.done = promise;
    this.resolve = resolve;
    this.response.once('close', this.onClose);
  }

  private get response() {
    return this.options.reply.raw;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.controller = controller;
    if (this.response.destroyed) this.onClose();
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    statusCode: number,
    headers: IncomingHttpHeaders,
    statusMessage?: string,
  ): void {
    const { reply, closing, heard } = this.options;
    if (statusCode < 200) return;
    heard(headers); // also when nobody waits for the answer any more
    if (this.response.destroyed) return;
    this.answered = { status: statusCode, asksToComeBack: headers['retry-after'] !== undefined };
    reply.code(statusCode); // for the log and the metrics
    reply.hijack();
    const passed = responseHeaders(headers);
    if (closing()) passed.connection = 'close';
    this.response.writeHead(statusCode, statusMessage, passed);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.response.write(chunk)) return;
    controller.pause();
    this.response.once('drain', () => controller.resume());
  }

  onResponseEnd(): void {
    this.response.end();
    this.finish();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    if (this.response.headersSent) {
      if (!this.response.destroyed) this.answered = { status: 502, asksToComeBack: false };
      this.response.destroy(); // half an answer must not look whole
      return this.finish();
    }
    const failure = this.response.destroyed ? 'gone' : failureOf(error);
    this.finish({ failure, error });
  }

  private readonly onClose = (): void => {
    if (!this.response.writableFinished) this.controller?.abort(new Error('the client went away'));
  };

  private finish(outcome?: Unanswered): void {
    this.response.off('close', this.onClose);
    this.resolve(outcome);
  }
}

/** Whether the error is an answer already, such as 413 from the middle of a body. */
export const isAnswer = (error: Error): error is ProblemException => error instanceof ProblemException;
