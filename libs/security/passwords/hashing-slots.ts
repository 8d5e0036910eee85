/** There is no room for another password hash now. The host answers 503 with `Retry-After`. */
export class PasswordsBusyError extends Error {
  override readonly name = 'PasswordsBusyError';
  /** Seconds after which trying again makes sense. */
  readonly retryAfterSeconds = 1;
  constructor() {
    super('Too many passwords are being checked');
  }
}

/** A few slots for expensive work and a short queue in front of them, first come, first served. */
export class HashingSlots {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  /**
   * @param inFlight how many run at once.
   * @param queued   how many may wait.
   */
  constructor(
    private readonly inFlight: number,
    private readonly queued: number,
  ) {}

  /** @throws PasswordsBusyError when every slot is taken and the queue is full. */
  async run<Result>(work: () => Promise<Result>): Promise<Result> {
    if (this.running < this.inFlight) this.running += 1;
    else await this.turn();
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.running -= 1;
    }
  }

  private turn(): Promise<void> {
    if (this.waiting.length >= this.queued) throw new PasswordsBusyError();
    return new Promise((resolve) => this.waiting.push(resolve));
  }
}
