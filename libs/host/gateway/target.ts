import { Pool, type Dispatcher } from 'undici';

export interface TargetOptions {
  /** Milliseconds a context may be silent. */
  timeoutMs: number;
  /** Connections at most. */
  connections: number;
}

/** Late answers in a row that make a target one that does not answer; a refusal needs no second. */
const PATIENCE = 3;

/** One process that answers for one or more contexts. */
export class Target {
  /** Requests it is working on for us. */
  inFlight = 0;
  private state: 'unknown' | 'ready' | 'away' = 'unknown';
  private late = 0;
  private readonly pool: Pool;
  private readonly prober: Pool;

  constructor(
    readonly url: string,
    { timeoutMs, connections }: TargetOptions,
  ) {
    const connect = { timeout: Math.min(1_000, timeoutMs) };
    this.pool = new Pool(url, { connections, connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
    // A line of its own: a full pool says that a target is busy, not that it is away.
    this.prober = new Pool(url, { connections: 1, connect, headersTimeout: 1_000, bodyTimeout: 1_000 });
  }

  /** Whether it may be sent requests: it said so, or nothing speaks against it yet. */
  get usable(): boolean {
    return this.state !== 'away';
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  dispatch(options: Dispatcher.DispatchOptions, handler: Dispatcher.DispatchHandler): void {
    this.pool.dispatch(options, handler);
  }

  request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    return this.pool.request(options);
  }

  /** It refused a connection: nobody is sent there until a probe is answered. */
  refused(): void {
    this.state = 'away';
  }

  /** Asks whether it is ready. */
  async probe(): Promise<void> {
    try {
      const { statusCode, body } = await this.prober.request({ path: '/readyz', method: 'GET' });
      await body.dump();
      this.late = 0;
      this.state = statusCode === 200 ? 'ready' : 'away';
    } catch (error) {
      this.late += 1;
      if (!isLate(error) || this.late >= PATIENCE) this.state = 'away';
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.pool.destroy(), this.prober.destroy()]);
  }
}

function isLate(error: unknown): boolean {
  return /TIMEOUT/.test(String((error as { code?: unknown }).code));
}
