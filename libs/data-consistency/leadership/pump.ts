import { PollPace } from './poll-pace.js';

/** What one turn of a pump found: more work at once, something not settled yet, some work and the end of it, or nothing. */
export type Turn = 'more' | 'unsettled' | 'some' | 'idle';

export interface PumpOptions {
  turn: () => Promise<Turn>;
  /** Told about a failed turn; the pump goes on with backoff. */
  failed: (error: unknown) => void;
  /**
   * Milliseconds between turns when nothing wakes it: the safety net behind the in-process wake-up, and how a process
   * learns of work that another one left. Default 1,000; a look that finds some is followed by quicker ones.
   */
  pollMs?: number;
}

const SOONEST_UNSETTLED_MS = 1;
const LATEST_UNSETTLED_MS = 50;
const SOONEST_FAILED_MS = 50;
const LATEST_FAILED_MS = 5_000;

/**
 * A loop that runs turn after turn while there is work, sleeps when there is none, and is woken by a call: no idle polling
 * worth naming, no missed wake-up (a wake during a turn causes another turn). After a failed turn it waits 50 ms, doubling
 * to 5 s, and does not let itself be woken: work that arrives while something is broken must not hammer what is broken.
 *
 * @example
 * const pump = new Pump({ turn: async () => ((await carrySome()) ? 'more' : 'idle'), failed: (error) => log.warn(error) });
 * pump.start();
 * pump.wake();
 */
export class Pump {
  private running?: Promise<void>;
  private woken = false;
  private wakeUp?: () => void;
  private stopping = false;
  private stopNow?: () => void;

  constructor(private readonly options: PumpOptions) {}

  /** Starts the loop; does nothing when it runs already. */
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

  /** Resolves after the turn under way, the last one. */
  async stop(): Promise<void> {
    this.stopping = true;
    this.stopNow?.();
    await this.running;
    this.running = undefined;
  }

  private async loop(): Promise<void> {
    const pace = new PollPace(this.options.pollMs ?? 1_000);
    let unsettledMs = SOONEST_UNSETTLED_MS;
    let failedMs = SOONEST_FAILED_MS;
    while (!this.stopping) {
      this.woken = false;
      const turn = await this.turn();
      if (turn === 'failed') {
        await this.sleep(failedMs, 'soundly');
        failedMs = Math.min(failedMs * 2, LATEST_FAILED_MS);
        continue;
      }
      failedMs = SOONEST_FAILED_MS;
      if (turn === 'unsettled') {
        await this.sleep(unsettledMs);
        unsettledMs = Math.min(unsettledMs * 2, LATEST_UNSETTLED_MS);
        continue;
      }
      unsettledMs = SOONEST_UNSETTLED_MS;
      if (turn !== 'idle') pace.foundWork(this.woken);
      if (turn === 'more') continue;
      await this.sleep(pace.next());
      pace.awake(this.woken);
    }
  }

  private async turn(): Promise<Turn | 'failed'> {
    try {
      return await this.options.turn();
    } catch (error) {
      try {
        this.options.failed(error);
      } catch {
        // who listens must not end the loop
      }
      return 'failed';
    }
  }

  private async sleep(ms: number, how: 'lightly' | 'soundly' = 'lightly'): Promise<void> {
    if (this.stopping || (how === 'lightly' && this.woken)) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.stopNow = () => {
        clearTimeout(timer);
        resolve();
      };
      if (how === 'lightly') this.wakeUp = this.stopNow;
    });
    this.wakeUp = undefined;
    this.stopNow = undefined;
  }
}
