import type { Socket } from 'node:net';
import type { buildConnector } from 'undici';
import { AnswerLate, AnswerLost } from './answer-errors.js';
import type { AnswerHandler } from './answer-handler.js';
import { Line, type PlainRequest } from './line.js';
import { Waiting } from './waiting.js';

/** How many connections, to where, and how patient. */
export interface LinesOptions {
  /** Scheme, host and port. */
  origin: URL;
  /** Makes a connection, with TLS for `https:`; no HTTP/2. */
  connect: buildConnector.connector;
  /** Connections at most; what is more waits. */
  connections: number;
  /** Milliseconds of silence after which an answer is given up, and milliseconds that a request waits for a connection. */
  timeoutMs: number;
}

/**
 * Kept connections to one process, for requests without a body: one request at a time on each, written in one piece, the
 * answer read strictly. A third of the CPU of undici's pool, which does so much more.
 *
 * @example lines.send({ method: 'GET', head: 'GET / HTTP/1.1\r\nhost: orders\r\n\r\n' }, handler);
 */
export class Lines {
  private readonly idle: Line[] = [];
  private readonly open = new Set<Line>();
  private readonly waiting: Waiting[] = [];
  private connecting = 0;
  private readonly checks: NodeJS.Timeout;
  private closing: PromiseWithResolvers<void> | undefined;

  constructor(private readonly options: LinesOptions) {
    const everyMs = Math.max(20, Math.min(1_000, options.timeoutMs / 4));
    this.checks = setInterval(() => this.check(), everyMs).unref();
  }

  /** Requests under way or waiting; one that was broken off counts until its connection is closed. */
  get inFlight(): number {
    return this.open.size - this.idle.length + this.waiting.length;
  }

  send(request: PlainRequest, handler: AnswerHandler): void {
    if (this.closing) return handler.failed(new AnswerLost());
    const line = this.takeIdle();
    if (line) {
      line.carry(request, handler);
      return this.freed(line);
    }
    const waiting = new Waiting(request, handler, this.waiting);
    this.waiting.push(waiting);
    handler.waits(waiting);
    this.openMore();
  }

  /** Takes no more requests; resolves when those under way have ended. */
  close(): Promise<void> {
    this.closing ??= Promise.withResolvers();
    for (const line of this.idle.splice(0)) line.abort(new AnswerLost());
    this.closeWhenDone();
    return this.closing.promise;
  }

  /** Ends at once, and whatever is under way with it. */
  async destroy(): Promise<void> {
    const closed = this.close();
    for (const { handler } of this.waiting.splice(0)) handler.failed(new AnswerLost());
    for (const line of this.open) line.abort(new AnswerLost());
    await closed;
  }

  /** The one used last: the others may grow old and go. */
  private takeIdle(): Line | undefined {
    const now = performance.now();
    for (let line = this.idle.pop(); line; line = this.idle.pop()) {
      if (line.isFresh(now)) return line;
      line.abort(new AnswerLost());
    }
    return undefined;
  }

  private openMore(): void {
    const { origin, connect, connections } = this.options;
    while (this.connecting < this.waiting.length && this.open.size + this.connecting < connections) {
      this.connecting += 1;
      const { host, protocol, port } = origin;
      const hostname = origin.hostname.replace(/^\[|\]$/g, '');
      connect({ host, hostname, protocol, port }, (...[error, socket]) => {
        this.connecting -= 1;
        if (socket) this.opened(socket);
        else this.notConnected(error!);
      });
    }
  }

  /** Where no connection stands, nobody answers: whoever waits need not find that out one after the other. */
  private notConnected(error: Error): void {
    const hopeless = this.open.size === 0 ? this.waiting.length : 1;
    for (const { handler } of this.waiting.splice(0, hopeless)) handler.failed(error);
    this.openMore();
    this.closeWhenDone();
  }

  private opened(socket: Socket): void {
    const line = new Line(
      socket,
      (free) => this.freed(free),
      (gone) => this.lost(gone),
    );
    this.open.add(line);
    this.freed(line);
  }

  /** Until it is busy: whoever is next may have left without a word. */
  private freed(line: Line): void {
    while (line.isFree) {
      const next = this.waiting.shift();
      if (next) line.carry(next.request, next.handler);
      else if (this.closing) line.abort(new AnswerLost());
      else return void this.idle.push(line);
    }
  }

  private lost(line: Line): void {
    this.open.delete(line);
    const at = this.idle.indexOf(line);
    if (at !== -1) this.idle.splice(at, 1);
    this.openMore();
    this.closeWhenDone();
  }

  private check(): void {
    const now = performance.now();
    const { timeoutMs } = this.options;
    for (const line of this.open) line.check(now, timeoutMs);
    for (let [first] = this.waiting; first && now - first.since > timeoutMs; [first] = this.waiting)
      first.abort(new AnswerLate(timeoutMs));
  }

  private closeWhenDone(): void {
    if (!this.closing || this.open.size + this.connecting + this.waiting.length > 0) return;
    clearInterval(this.checks); // not before: what is under way may be late as well
    this.closing.resolve();
  }
}
