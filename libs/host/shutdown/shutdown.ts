import { Logger } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';

/** One step of a shutdown. */
export interface ShutdownStep {
  /** What it does, as the log says it: `'stop ingesting messages'`. */
  name: string;
  run: () => unknown;
  /** Milliseconds before the next step starts anyway. Default 5,000. */
  limitMs?: number;
}

export interface ShutdownOptions {
  steps: ShutdownStep[];
  /** Milliseconds for all steps together, after which the process exits with 1. Default 24,500: under 25 s. */
  boundMs?: number;
  /** Default `process.exit`. */
  exit?: (code: number) => void;
  log?: Pick<Logger, 'log' | 'warn' | 'error'>;
}

/** What became of one step. */
export interface StepOutcome {
  name: string;
  elapsedMs: number;
  outcome: 'done' | 'failed' | 'timed out';
}

/** Milliseconds that load balancers and the registry are given to notice that this process is leaving. Default 2,000. */
export const waitForRouting =
  (ms = 2_000) =>
  (): Promise<void> =>
    delay(ms);

/**
 * Stops a process in a stated order. A step that fails or takes too long is logged and does not keep the next from
 * running. Exit code 0 when every step was done, else 1. A second signal exits at once with 1.
 *
 * @example
 * new Shutdown({ steps: [
 *   { name: 'not ready', run: () => readiness.leave() },
 *   { name: 'wait for routing', run: waitForRouting() },
 *   { name: 'stop ingesting', run: () => road.stop() },
 *   { name: 'stop accepting connections', run: () => edge.state.stopAccepting() },
 *   { name: 'finish requests', run: () => edge.state.finish(15_000), limitMs: 16_000 },
 *   { name: 'close application', run: () => app.close() },
 * ] }).listen();
 */
export class Shutdown {
  private running: Promise<StepOutcome[]> | undefined;
  private readonly log: Pick<Logger, 'log' | 'warn' | 'error'>;
  private readonly exit: (code: number) => void;

  constructor(private readonly options: ShutdownOptions) {
    this.log = options.log ?? new Logger('Shutdown');
    this.exit = options.exit ?? ((code) => process.exit(code));
  }

  /** Answers SIGTERM and SIGINT and, in a process started with an IPC channel, the death of its launcher. */
  listen(target: NodeJS.Process = process): this {
    for (const signal of ['SIGTERM', 'SIGINT'] as const) target.on(signal, () => this.signalled(signal));
    if (target.send) target.on('disconnect', () => void this.start('launcher gone'));
    return this;
  }

  /** Whether the process is on its way out. */
  get begun(): boolean {
    return this.running !== undefined;
  }

  /** Runs the rest of a start that a signal may meet: what goes wrong in it from then on is the end, and no fault. */
  async whileUp(start: () => Promise<void>): Promise<void> {
    try {
      await start();
    } catch (error) {
      if (!this.begun) throw error;
    }
  }

  /** Runs the steps once, however often it is called. */
  start(reason: string): Promise<StepOutcome[]> {
    this.running ??= this.run(reason);
    return this.running;
  }

  private signalled(signal: string): void {
    if (this.running) {
      this.log.warn(`second signal (${signal}): exit now`);
      this.exit(1);
    } else void this.start(signal);
  }

  private async run(reason: string): Promise<StepOutcome[]> {
    const { steps, boundMs = 24_500 } = this.options;
    this.log.log(`${reason}: shutting down in ${steps.length} steps`);
    const outcomes: StepOutcome[] = [];
    const bound = setTimeout(() => {
      this.log.error(`not done after ${boundMs} ms, stuck in "${steps[outcomes.length]?.name ?? 'exit'}"`);
      this.exit(1);
    }, boundMs);
    for (const step of steps) outcomes.push(await this.runStep(step));
    clearTimeout(bound);
    this.exit(outcomes.every(({ outcome }) => outcome === 'done') ? 0 : 1);
    return outcomes;
  }

  private async runStep({ name, run, limitMs = 5_000 }: ShutdownStep): Promise<StepOutcome> {
    const began = performance.now();
    const gaveUp = new AbortController();
    const timeout = delay(limitMs, 'timed out' as const, { signal: gaveUp.signal }).catch(() => 'done' as const);
    const work = Promise.resolve()
      .then(run)
      .then(() => 'done' as const)
      .catch((error: unknown) => {
        this.log.error(error);
        return 'failed' as const;
      });
    const outcome = await Promise.race([work, timeout]);
    gaveUp.abort();
    const elapsedMs = Math.round(performance.now() - began);
    this.log[outcome === 'done' ? 'log' : 'warn'](`${name}: ${outcome} in ${elapsedMs} ms`);
    return { name, elapsedMs, outcome };
  }
}
