import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { AnswerHandler } from './answer-handler.js';

const nothing = (): void => {};

/** Lets a handler of answers hear what undici hears. */
export class ViaUndici implements Dispatcher.DispatchHandler {
  /** @param over told once when the answer is over, or will not come */
  constructor(
    private readonly handler: AnswerHandler,
    private over: () => void = nothing,
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.handler.begun(controller);
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: IncomingHttpHeaders,
    reason = '',
  ): void {
    if (status >= 200) this.handler.head(status, reason, pairsOf(headers));
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.handler.data(chunk);
  }

  onResponseEnd(): void {
    this.isOver();
    this.handler.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.isOver();
    this.handler.failed(error);
  }

  /** A handler that breaks at the end hears of a failure as well. */
  private isOver(): void {
    const { over } = this;
    this.over = nothing;
    over();
  }
}

/** Names and values in turn; a header that came several times is there as often. */
export function pairsOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value = []]) => [value].flat().flatMap((one) => [name, one]));
}
