/** How many retries there may be. */
export interface RetryBudgetOptions {
  /** Retries per request, 0 to 1; default 0.1. */
  share?: number;
  /** Retries per second that are always allowed: at little traffic the share alone would be none. Default 3. */
  floorPerSecond?: number;
  /** Seconds that are looked back over; default 10. */
  windowSeconds?: number;
  /** Milliseconds, monotonic; default `performance.now`. */
  now?: () => number;
}

interface Second {
  at: number;
  requests: number;
  retries: number;
}

/**
 * Bounds how much more work retries make: over the last seconds no more than a tenth of the requests, or three a second where
 * that is more. While a few attempts fail, each is tried again; when all fail, those who fail are told so, and a service that
 * is down is asked 1.1 times as often as before, not three times (Google, *Site Reliability Engineering*, ch. 21; Finagle's
 * `RetryBudget`; AWS Builders' Library, "Timeouts, retries, and backoff with jitter").
 *
 * One budget belongs to one edge: whoever retries towards one service. If callers on several floors retry, each with a budget
 * of its own, their shares multiply.
 *
 * @example
 * const budget = new RetryBudget();
 * budget.requested();
 * if (failed && budget.mayRetry()) …
 */
export class RetryBudget {
  private readonly share: number;
  private readonly floor: number;
  private readonly window: number;
  private readonly now: () => number;
  /** The newest is the last; none is older than the window. */
  private readonly seconds: Second[] = [];

  constructor({
    share = 0.1,
    floorPerSecond = 3,
    windowSeconds = 10,
    now = () => performance.now(),
  }: RetryBudgetOptions = {}) {
    this.share = share;
    this.floor = floorPerSecond * windowSeconds;
    this.window = windowSeconds;
    this.now = now;
  }

  /** A request came; its retries are not counted here. */
  requested(): void {
    this.second().requests += 1;
  }

  /** @returns whether one more retry is allowed, which is counted then */
  mayRetry(): boolean {
    const second = this.second();
    let [requests, retries] = [0, 0];
    for (const one of this.seconds) {
      requests += one.requests;
      retries += one.retries;
    }
    if (retries + 1 > Math.max(this.floor, requests * this.share)) return false;
    second.retries += 1;
    return true;
  }

  private second(): Second {
    const at = Math.floor(this.now() / 1_000);
    const newest = this.seconds.at(-1);
    if (newest?.at === at) return newest;
    while (this.seconds.length > 0 && this.seconds[0]!.at <= at - this.window) this.seconds.shift();
    const fresh = { at, requests: 0, retries: 0 };
    this.seconds.push(fresh);
    return fresh;
  }
}
