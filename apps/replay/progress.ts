/** Where lines go: process.stdout, or a list in a test. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const SECONDS_BETWEEN_LINES = 2;
const whole = (value: number) => Math.floor(value).toLocaleString('en');

/** How far a replay is: one line that changes on a terminal, a line every 2 s elsewhere. */
export class Progress {
  private readonly started: number;
  private first?: number;
  private lastLine = -Infinity;

  constructor(
    private readonly name: string,
    private readonly screen: Screen,
    private readonly seconds: () => number = () => performance.now() / 1_000,
  ) {
    this.started = seconds();
  }

  /** So many events of so many are folded. */
  tell(done: number, total: number): void {
    this.first ??= done;
    const now = this.seconds();
    if (!this.screen.isTTY && now - this.lastLine < SECONDS_BETWEEN_LINES) return;
    this.lastLine = now;
    const rate = (done - this.first) / Math.max(now - this.started, 0.001);
    const percent = total === 0 ? 100 : (done / total) * 100;
    const left = rate > 0 ? `, ${whole(Math.ceil((total - done) / rate))} s left` : '';
    this.line(`${this.name}: ${whole(done)} of ${whole(total)} events, ${whole(percent)} %, ${whole(rate)}/s${left}`);
  }

  /** The last word about it. */
  finish(events: number, outcome: string): void {
    const took = this.seconds() - this.started;
    const rate = whole((events - (this.first ?? 0)) / Math.max(took, 0.001));
    this.line(`${this.name}: ${whole(events)} events in ${took.toFixed(1)} s, ${rate}/s; ${outcome}`);
    if (this.screen.isTTY) this.screen.write('\n');
  }

  private line(text: string): void {
    this.screen.write(this.screen.isTTY ? `\r\u001B[K  ${text}` : `  ${text}\n`);
  }
}
