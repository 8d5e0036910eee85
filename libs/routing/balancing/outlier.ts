/** When a replica that fails is left alone, and for how long. */
export interface OutlierSettings {
  /** Gateway errors in a row that eject; default 5. */
  consecutiveErrors: number;
  /** Milliseconds of the first ejection; the nth lasts n times as long. Default 30,000. */
  ejectionMs: number;
  /** Milliseconds of the longest; default 300,000. */
  maxEjectionMs: number;
  /** Share of a service's replicas that may be ejected at the same time, 0 to 1; default 0.5. */
  maxEjected: number;
  /** Share of healthy replicas below which health is ignored (panic mode), 0 to 1; default 0.5. */
  panicBelow: number;
}

/**
 * Envoy's outlier detection and panic threshold (arch_overview/upstream/outlier and …/load_balancing/panic_threshold), but
 * half of the replicas instead of its 10 %, which is none of the two or three that most services have.
 */
export const OUTLIER_DEFAULTS: OutlierSettings = {
  consecutiveErrors: 5,
  ejectionMs: 30_000,
  maxEjectionMs: 300_000,
  maxEjected: 0.5,
  panicBelow: 0.5,
};

/** The record of one replica: errors in a row, and how often it was ejected. Times are milliseconds, monotonic. */
export class OutlierRecord {
  private inARow = 0;
  private times = 0;
  private until = -Infinity;

  constructor(private readonly settings: OutlierSettings) {}

  ejectedAt(now: number): boolean {
    return now < this.until;
  }

  succeeded(): void {
    this.inARow = 0;
  }

  /** @returns whether that was one too many, so that it is to be ejected if the others allow it */
  failed(): boolean {
    this.inARow += 1;
    return this.inARow >= this.settings.consecutiveErrors;
  }

  /** 30 s × n up to 300 s; n shrinks by one for each 30 s that went well since the last time. */
  eject(now: number): void {
    const { ejectionMs, maxEjectionMs } = this.settings;
    const good = this.until === -Infinity ? 0 : Math.floor(Math.max(0, now - this.until) / ejectionMs);
    this.times = Math.max(0, this.times - good) + 1;
    this.until = now + Math.min(maxEjectionMs, ejectionMs * this.times);
    this.inARow = 0;
  }

  /** It is a new process: what the old one did is not its fault. */
  pardon(): void {
    this.inARow = 0;
    this.times = 0;
    this.until = -Infinity;
  }
}
