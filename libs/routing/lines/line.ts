import type { Socket } from 'node:net';
import { AnswerLate, AnswerLost, AnswerUnreadable } from './answer-errors.js';
import type { AnswerControl, AnswerHandler } from './answer-handler.js';
import { KEEP_MS, readAnswerHead, type BodyEnd } from './answer-head.js';
import { ChunkedBody } from './chunked-body.js';

/** Bytes of a head. */
const LONGEST_HEAD = 65_536;
const END_OF_HEAD = Buffer.from('\r\n\r\n');
const NOTHING = Buffer.alloc(0);

/** One request, written out. */
export interface PlainRequest {
  method: string;
  /** Request line, headers and the empty line; one character per byte. */
  head: string;
}

/** One connection, which carries one request at a time and reads its answer. */
export class Line implements AnswerControl {
  private handler: AnswerHandler | undefined;
  private method = '';
  private unread: Buffer | undefined;
  private end: BodyEnd | 'head' = 'head';
  private left = 0;
  private chunks: ChunkedBody | undefined;
  private keepMs = KEEP_MS;
  /** Whether anything of the request at hand was written. */
  private written = false;
  private paused = false;
  /** When it was last used, milliseconds, monotonic. */
  private touched = performance.now();

  /**
   * @param free told when it may carry the next request
   * @param gone told when it is no more
   */
  constructor(
    private readonly socket: Socket,
    private readonly free: (line: Line) => void,
    gone: (line: Line) => void,
  ) {
    let cause: Error | undefined;
    socket.on('data', (bytes: Buffer) => this.read(bytes));
    socket.on('error', (error) => (cause = error));
    socket.on('end', () => this.ended());
    socket.on('close', () => {
      gone(this);
      this.fail(new AnswerLost(cause));
    });
  }

  /** Whether it may carry a request at once. */
  get isFree(): boolean {
    return this.handler === undefined && !this.socket.destroyed;
  }

  /** Afterwards it is free still if the handler gave up before anything was written. */
  carry({ method, head }: PlainRequest, handler: AnswerHandler): void {
    this.method = method;
    this.handler = handler;
    this.end = 'head';
    this.written = false;
    try {
      handler.begun(this);
    } catch (error) {
      this.abort(error as Error);
    }
    if (this.handler !== handler || this.socket.destroyed) return;
    this.written = true;
    this.touched = performance.now();
    this.socket.write(head, 'latin1');
  }

  /** Whether an idle one may be used again. */
  isFresh(now: number): boolean {
    return !this.socket.destroyed && now - this.touched < this.keepMs;
  }

  /** Gives up an answer that does not come, and a connection that nobody needed for too long. */
  check(now: number, timeoutMs: number): void {
    if (!this.handler) {
      if (!this.isFresh(now)) this.socket.destroy();
    } else if (!this.paused && now - this.touched > timeoutMs) this.abort(new AnswerLate(timeoutMs));
  }

  pause(): void {
    this.paused = true;
    this.socket.pause();
  }

  resume(): void {
    this.paused = false;
    this.touched = performance.now();
    this.socket.resume();
  }

  /** One on which nothing was written yet is as good as before: whoever had it carry goes on with it. */
  abort(reason: Error): void {
    const isUnused = this.handler !== undefined && !this.written && !this.socket.destroyed;
    this.fail(reason);
    if (!isUnused) this.socket.destroy();
  }

  private read(bytes: Buffer): void {
    this.touched = performance.now();
    try {
      if (!this.handler) throw new AnswerUnreadable('nobody asked');
      let rest: Buffer | undefined = bytes;
      while (rest?.length) rest = this.end === 'head' ? this.readHead(rest) : this.readBody(rest);
    } catch (error) {
      this.abort(error as Error);
    }
  }

  /** @returns what is still to be read: the body, or the next head after an interim one */
  private readHead(bytes: Buffer): Buffer | undefined {
    const all = this.unread ? Buffer.concat([this.unread, bytes]) : bytes;
    const end = all.indexOf(END_OF_HEAD);
    this.unread = end === -1 ? all : undefined;
    if ((end === -1 ? all.length : end) > LONGEST_HEAD) throw new AnswerUnreadable('its head is too long');
    if (end === -1) return undefined;
    const head = readAnswerHead(all.toString('latin1', 0, end), this.method);
    const rest = all.subarray(end + END_OF_HEAD.length);
    if (head.status === 101) throw new AnswerUnreadable('another protocol, which nobody asked for');
    if (head.status < 200) return rest;
    this.end = head.end;
    this.keepMs = head.keepMs;
    this.left = typeof head.end === 'number' ? head.end : Infinity;
    this.chunks = head.end === 'chunked' ? new ChunkedBody() : undefined;
    this.handler!.head(head.status, head.reason, head.headers);
    return this.end === 0 ? this.finish(rest) : rest;
  }

  /** @returns nothing: either more is to come, or the answer is over */
  private readBody(bytes: Buffer): undefined {
    if (this.chunks) {
      const used = this.chunks.feed(bytes, (data) => this.handler?.data(data));
      return this.chunks.over && this.handler ? this.finish(bytes.subarray(used)) : undefined;
    }
    if (bytes.length < this.left) {
      this.left -= bytes.length;
      this.handler!.data(bytes);
      return undefined;
    }
    const whole = bytes.length === this.left;
    return whole ? this.finish(NOTHING, bytes) : this.finish(bytes.subarray(this.left), bytes.subarray(0, this.left));
  }

  /**
   * It is free before the handler hears of the end, so that whoever asks again at once finds it; but never after more bytes
   * than were asked for, which would be read as the answer to somebody else's request.
   */
  private finish(excess: Buffer, last?: Buffer): undefined {
    const handler = this.handler!;
    this.handler = undefined;
    if (this.paused) this.resume();
    try {
      if (this.keepMs === 0 || excess.length > 0) this.socket.destroy();
      else this.free(this);
    } finally {
      handler.end(last); // whatever becomes of whoever is next
    }
  }

  private ended(): void {
    if (this.handler && this.end === 'close') this.finish(NOTHING);
    else this.socket.destroy();
  }

  private fail(error: Error): void {
    const handler = this.handler;
    this.handler = undefined;
    handler?.failed(error);
  }
}
