import type { AnswerControl, AnswerHandler } from './answer-handler.js';
import type { PlainRequest } from './line.js';

/** A request for which no connection is free yet. */
export class Waiting implements AnswerControl {
  /** Milliseconds, monotonic. */
  readonly since = performance.now();

  /** @param queue that it stands in until its turn */
  constructor(
    readonly request: PlainRequest,
    readonly handler: AnswerHandler,
    private readonly queue: Waiting[],
  ) {}

  /** There is nothing to hold back yet. */
  pause(): void {}

  resume(): void {}

  /** Does nothing once its turn has come: then the connection has given it a control of its own. */
  abort(reason: Error): void {
    const at = this.queue.indexOf(this);
    if (at === -1) return;
    this.queue.splice(at, 1);
    this.handler.failed(reason);
  }
}
