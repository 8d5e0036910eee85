/** Something that is to happen unless it is taken off the wheel before. */
export interface Deadline {
  readonly slot: number;
  readonly expire: () => void;
}

/**
 * Many deadlines on one timer: a deadline is an entry in the slot in which it falls due, so setting and clearing one costs
 * a Set operation instead of a timer of its own. It expires up to one tick late, never early. Nothing ticks while empty.
 *
 * @see Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987
 */
export class DeadlineWheel {
  private readonly slots = new Map<number, Set<Deadline>>();
  private timer?: NodeJS.Timeout;
  private expired = 0;

  /** @param tickMs resolution in milliseconds, default 25 */
  constructor(private readonly tickMs = 25) {}

  /** Calls `expire` after `ms` milliseconds, rounded up to a tick, unless it is cleared before. */
  set(ms: number, expire: () => void): Deadline {
    const slot = Math.ceil((performance.now() + ms) / this.tickMs);
    const deadline: Deadline = { slot, expire };
    const entries = this.slots.get(slot);
    if (entries) entries.add(deadline);
    else this.slots.set(slot, new Set([deadline]));
    if (this.timer === undefined) this.start();
    return deadline;
  }

  clear(deadline: Deadline): void {
    this.slots.get(deadline.slot)?.delete(deadline);
  }

  private start(): void {
    this.expired = Math.floor(performance.now() / this.tickMs);
    this.timer = setInterval(() => this.tick(), this.tickMs).unref();
  }

  private tick(): void {
    const now = Math.floor(performance.now() / this.tickMs);
    for (let slot = this.expired; slot <= now; slot += 1) {
      const due = this.slots.get(slot);
      if (!due) continue;
      this.slots.delete(slot);
      for (const deadline of due) deadline.expire();
    }
    this.expired = now + 1;
    if (this.slots.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }
}
