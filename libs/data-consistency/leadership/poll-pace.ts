const SOONEST_POLL_MS = 20;

/**
 * How long a pump sleeps when there is nothing to do. Work that is found without a wake-up was left by another process,
 * which will leave more: then look again after 20 ms, and twice as seldom each time nothing is found, down to the usual
 * pace. So several processes share a burst without telling each other anything (`NOTIFY` would serialise commits), and
 * where one process does it all, nothing is ever asked more often.
 */
export class PollPace {
  private ms: number;
  private unasked = false;
  private found = false;

  /** @param slowestMs the usual pace */
  constructor(private readonly slowestMs: number) {
    this.ms = slowestMs;
  }

  /** A turn found work; `asked` when it was called for meanwhile, so that nothing is known about who left it. */
  foundWork(asked: boolean): void {
    if (!this.unasked || asked) return;
    this.ms = Math.min(this.slowestMs, SOONEST_POLL_MS);
    this.found = true;
  }

  /** Milliseconds to sleep now. */
  next(): number {
    if (this.unasked && !this.found) this.ms = Math.min(this.slowestMs, this.ms * 2);
    this.found = false;
    return this.ms;
  }

  /** The sleep is over: by itself, or because somebody asked. */
  awake(asked: boolean): void {
    this.unasked = !asked;
  }
}
