/** What one turn of a pump found: more work at once, something not settled yet, or nothing. */
export type Turn = 'more' | 'unsettled' | 'idle';

export interface PumpOptions {
  turn: () => Promise<Turn>;
  /** Told about a failed turn; the pump goes on with backoff. */
  failed: (error: unknown) => void;
  /** Milliseconds between turns when nothing wakes it: the safety net behind the in-process wake-up. Default 1,000. */
  pollMs?: number;
}

const SOONEST_MS = 1;
const LATEST_UNSETTLED_MS = 50;
const LATEST_FAILED_MS = 5_000;

/**
 * A loop that runs turn after turn while there is work, sleeps when there is none, and is woken by a call: no idle polling
 * worth naming, no missed wake-up (a wake during a turn causes another turn).
 */
export class Pump {
  private running?: Promise<void>;
  private woken = false;
  private wakeUp?: () => void;
  private stopping = false;

  constructor(private readonly options: PumpOptions) {}

  start(): void {
    if (this.running) return;
    this.stopping = false;
    this.running = this.loop();
  }

  /** Something may be there: take a turn now. */
  wake(): void {
    this.woken = true;
    this.wakeUp?.();
  }

  /** Ends after the turn under way. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.wake();
    await this.running;
    this.running = undefined;
  }

  private async loop(): Promise<void> {
    let unsettledMs = SOONEST_MS;
    let failedMs = SOONEST_MS * 50;
    while (!this.stopping) {
      this.woken = false;
      try {
        const turn = await this.options.turn();
        failedMs = SOONEST_MS * 50;
        if (turn === 'more') continue;
        await this.sleep(turn === 'unsettled' ? unsettledMs : (this.options.pollMs ?? 1_000));
        unsettledMs = turn === 'unsettled' ? Math.min(unsettledMs * 2, LATEST_UNSETTLED_MS) : SOONEST_MS;
      } catch (error) {
        this.options.failed(error);
        await this.sleep(failedMs);
        failedMs = Math.min(failedMs * 2, LATEST_FAILED_MS);
      }
    }
  }

  private async sleep(ms: number): Promise<void> {
    if (this.woken || this.stopping) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = undefined;
  }
}
