/** Something that is to happen unless it is taken off the wheel before. Lies on one wheel at a time. */
export abstract class Deadline {
  /** Its neighbours in the slot in which it falls due. */
  before: Deadline | undefined = undefined;
  after: Deadline | undefined = undefined;

  abstract expire(): void;
}

/** The first of a slot's deadlines comes after it, the last before it. */
class Slot extends Deadline {
  constructor() {
    super();
    this.before = this;
    this.after = this;
  }

  override expire(): never {
    throw new Error('A slot does not expire; what lies in it does');
  }
}

/**
 * Many deadlines on one timer: a deadline hangs itself into the slot in which it falls due, so setting and clearing one
 * costs four assignments instead of a timer of its own. It expires up to one tick late, never early. Nothing ticks while
 * empty.
 *
 * @see Varghese & Lauck, "Hashed and Hierarchical Timing Wheels", SOSP 1987
 */
export class DeadlineWheel {
  private readonly slots = new Map<number, Slot>();
  private timer?: NodeJS.Timeout;
  /** The slot that expires next; whatever is late goes there. */
  private next = 0;

  /** @param tickMs resolution in milliseconds, default 25 */
  constructor(private readonly tickMs = 25) {}

  /** @param end when `deadline.expire()` is called unless it is cleared before, on the clock of `performance.now()` */
  set(deadline: Deadline, end: number): void {
    if (this.timer === undefined) this.start();
    const due = Math.max(Math.ceil(end / this.tickMs), this.next);
    let slot = this.slots.get(due);
    if (!slot) this.slots.set(due, (slot = new Slot()));
    deadline.before = slot.before;
    deadline.after = slot;
    slot.before!.after = deadline;
    slot.before = deadline;
  }

  /** Does nothing when it has expired or was cleared already. */
  clear(deadline: Deadline): void {
    const { before, after } = deadline;
    if (!before || !after) return;
    before.after = after;
    after.before = before;
    deadline.before = undefined;
    deadline.after = undefined;
  }

  private start(): void {
    this.next = Math.floor(performance.now() / this.tickMs);
    this.timer = setInterval(() => this.tick(), this.tickMs).unref();
  }

  private tick(): void {
    const now = Math.floor(performance.now() / this.tickMs);
    while (this.next <= now) {
      const due = this.next++;
      const slot = this.slots.get(due);
      if (slot) this.expireAll(due, slot);
    }
    if (this.slots.size > 0) return;
    clearInterval(this.timer);
    this.timer = undefined;
  }

  private expireAll(due: number, slot: Slot): void {
    this.slots.delete(due);
    while (slot.after !== slot) {
      const deadline = slot.after!;
      this.clear(deadline);
      deadline.expire();
    }
  }
}
