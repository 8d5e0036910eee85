import { Pool, buildConnector, type Dispatcher } from 'undici';
import type { AnswerHandler } from '../lines/answer-handler.js';
import { Lines } from '../lines/lines.js';
import { requestHead } from '../lines/request-head.js';
import { ViaUndici } from '../lines/via-undici.js';
import { connecting, wasNeverSent } from './connecting.js';

/** A request that is passed on. */
export interface PassedRequest {
  method: Dispatcher.HttpMethod;
  /** Path and query. */
  target: string;
  /** Names and values in turn, without `Host`; with `Content-Length` when there is a body whose length is known. */
  headers: string[];
  /** Read when it is sent. */
  body: AsyncIterable<Buffer> | null;
}

/** How a process is connected to. */
export interface HostOptions {
  /** Milliseconds a process may be silent before a request is given up. */
  timeoutMs: number;
  /** Connections at most. */
  connections: number;
  /** More for undici's connector, or one of its own, such as that of mutual TLS with certificates that are renewed. */
  connect?: Readonly<Record<string, unknown>> | buildConnector.connector;
}

/**
 * What a host's own answers say. `unready` is its own word (it starts, drains or is full); `away` is no answer, which may
 * be the network's fault as well.
 */
export type HostHealth = 'unknown' | 'ready' | 'unready' | 'away';

/** Late answers in a row that make a host one that does not answer; a connection that cannot be made needs no second. */
const PATIENCE = 3;

/** One process at one address, which may answer for several services. */
export class Host {
  private state: HostHealth = 'unknown';
  private late = 0;
  private readonly origin: URL;
  private answeredAt = -Infinity;
  private readonly lines: Lines;
  private readonly pool: Pool;
  private readonly prober: Pool;
  private viaUndici = 0;
  /** One for all requests, which are many. */
  private readonly over = (): void => void (this.viaUndici -= 1);

  /** @param cameBack told when it answers again after it was away: most likely a new process */
  constructor(
    readonly url: string,
    { timeoutMs, connections, connect: more }: HostOptions,
    private readonly cameBack: (host: Host) => void = () => {},
  ) {
    this.origin = new URL(url);
    const settings = { timeout: Math.min(1_000, timeoutMs), allowH2: false, ...more };
    const connect = connecting(typeof more === 'function' ? more : buildConnector(settings));
    this.lines = new Lines({ origin: this.origin, connect, connections, timeoutMs });
    this.pool = new Pool(url, { connections, connect, headersTimeout: timeoutMs, bodyTimeout: timeoutMs });
    // A line of its own: a full pool says that a host is busy, not that it is away.
    this.prober = new Pool(url, { connections: 1, connect, headersTimeout: 1_000, bodyTimeout: 1_000 });
  }

  /** Requests it is working on for us, except probes. */
  get inFlight(): number {
    return this.lines.inFlight + this.viaUndici;
  }

  get health(): HostHealth {
    return this.state;
  }

  /** Whether it may be sent requests: it said so, or nothing speaks against it yet. */
  get usable(): boolean {
    return this.state === 'ready' || this.state === 'unknown';
  }

  get ready(): boolean {
    return this.state === 'ready';
  }

  /** Whether it said that it is ready within the last `ms`. */
  readyWithin(ms: number): boolean {
    return this.state === 'ready' && performance.now() - this.answeredAt <= ms;
  }

  /** Sends a request; the answer comes to the handler. A body goes by undici, which knows how to send one. */
  dispatch(request: PassedRequest, handler: AnswerHandler): void {
    const { method, target, headers, body } = request;
    const head = body === null ? requestHead({ method, target, host: this.origin.host, headers }) : undefined;
    if (head !== undefined) return this.lines.send({ method, head }, handler);
    const iterable = body as unknown as NonNullable<Dispatcher.DispatchOptions['body']>; // undici takes these as well
    this.viaUndici += 1;
    this.pool.dispatch({ method, path: target, headers, body: iterable }, new ViaUndici(handler, this.over));
  }

  /** In flight until the head of the answer is there: whether somebody reads its body to the end is not known. */
  async request(options: Dispatcher.RequestOptions): Promise<Dispatcher.ResponseData> {
    this.viaUndici += 1;
    try {
      return await this.pool.request(options);
    } finally {
      this.viaUndici -= 1;
    }
  }

  /** It refused a connection: nobody is sent there until a probe is answered. */
  refused(): void {
    this.state = 'away';
  }

  /** Asks `/readyz`: 200 is ready, any other answer is its own word that it is not. */
  async probe(): Promise<void> {
    try {
      const { statusCode, body } = await this.prober.request({ path: '/readyz', method: 'GET' });
      await body.dump();
      this.late = 0;
      const was = this.state;
      this.state = statusCode === 200 ? 'ready' : 'unready';
      this.answeredAt = performance.now();
      if (was === 'away') this.cameBack(this);
    } catch (error) {
      this.late += 1;
      if (wasNeverSent(error) || !isLate(error) || this.late >= PATIENCE) this.state = 'away';
    }
  }

  /** Ends when what is in flight has ended. */
  async retire(): Promise<void> {
    await Promise.all([this.lines.close(), this.pool.close(), this.prober.destroy()]);
  }

  async destroy(): Promise<void> {
    await Promise.all([this.lines.destroy(), this.pool.destroy(), this.prober.destroy()]);
  }
}

function isLate(error: unknown): boolean {
  return /TIMEOUT/.test(String((error as { code?: unknown }).code));
}
