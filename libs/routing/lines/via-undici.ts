import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import type { AnswerHandler } from './answer-handler.js';

/** Lets a handler of answers hear what undici hears. */
export class ViaUndici implements Dispatcher.DispatchHandler {
  constructor(private readonly handler: AnswerHandler) {}

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
    this.handler.end();
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    this.handler.failed(error);
  }
}

/** Names and values in turn; a header that came several times is there as often. */
export function pairsOf(headers: IncomingHttpHeaders): string[] {
  return Object.entries(headers).flatMap(([name, value = []]) => [value].flat().flatMap((one) => [name, one]));
}
