/** One timer that always stands at the earliest due time of a durable queue. */
export class Alarm {
  private timer?: NodeJS.Timeout;
  private stopped = false;

  constructor(
    private readonly nextDueAt: () => number | undefined,
    private readonly ring: () => void,
  ) {}

  set(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const dueAt = this.nextDueAt();
    if (dueAt === undefined) return;
    this.timer = setTimeout(
      () => {
        this.ring();
        this.set();
      },
      Math.max(0, dueAt - Date.now()),
    );
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }
}
