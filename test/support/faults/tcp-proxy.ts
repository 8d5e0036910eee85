import { once } from 'node:events';
import net from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { Asked, type Frame, Frames, userOf } from './frames.js';

/** A statement on its way to the server, or its answer, complete, on the way back. */
export interface Passing {
  /** The role that is logged in. */
  user: string;
  statement: string;
}

type Direction = 'both' | 'to-server' | 'to-client';

/** Sits between the shop and PostgreSQL, understands what passes, and breaks it as told. */
export class PostgresProxy {
  private readonly links = new Set<Link>();
  /** Answers not delivered since the start: their statements had their effect. */
  swallowed = 0;
  latencyMs = 0;
  hanging: { direction: Direction; user: RegExp } | undefined;
  /** Answers to lose: the statement had its effect, and the connection breaks before anybody hears of it. */
  swallows: ((answered: Passing) => boolean) | undefined;
  /** Statements to keep back until healed; with the client gone they never arrive. */
  holds: ((asked: Passing) => boolean) | undefined;
  /** Statements kept back so far. */
  held = 0;
  /** What to say to a client instead of an answer, or undefined to pass the answer on. */
  garbles: ((answered: Passing) => Buffer | undefined) | undefined;
  /** Answers replaced so far. */
  garbled = 0;

  private constructor(
    private readonly server: net.Server,
    private readonly target: number,
  ) {}

  /** @param target the server's port on this machine */
  static async start(target: number): Promise<PostgresProxy> {
    const server = net.createServer();
    const proxy = new PostgresProxy(server, target);
    server.on('connection', (client) => proxy.accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** The same database, through here. */
  through(url: string): string {
    const way = new URL(url);
    way.port = String(this.port);
    return way.href;
  }

  /** Nothing arrives any more, and nobody is told: the cable is out. What is sent meanwhile is on its way. */
  hang(direction: Direction = 'both', user = /./): void {
    this.hanging = { direction, user };
  }

  /**
   * The cable is in again, and what was on its way arrives. With `forget`, connections of before stay silent for ever,
   * as behind a firewall that has lost its table; the server never learns that its client is gone.
   */
  heal({ forget = false } = {}): void {
    for (const link of this.links) if (forget && this.hangs(link.user, 'both')) link.forgotten = true;
    this.hanging = undefined;
    this.latencyMs = 0;
    this.swallows = undefined;
    this.holds = undefined;
    this.garbles = undefined;
    for (const link of this.links) link.release();
  }

  /** Ends every connection with a RST. */
  reset(): number {
    const count = this.links.size;
    for (const link of this.links) link.reset();
    return count;
  }

  /** Delivers this many more bytes to each client, then RST: an answer cut in the middle. */
  cutAfter(bytes: number): void {
    for (const link of this.links) link.bytesLeft = bytes;
  }

  hangs(user: string, direction: Direction): boolean {
    if (!this.hanging?.user.test(user)) return false;
    return direction === 'both' || this.hanging.direction === 'both' || this.hanging.direction === direction;
  }

  /** Whether the server sees one of these connections come from that port. */
  carriesFrom(port: number): boolean {
    return [...this.links].some((link) => link.serverSidePort === port);
  }

  async stop(): Promise<void> {
    this.server.close();
    this.reset();
    await once(this.server, 'close');
  }

  private accept(client: net.Socket): void {
    const link = new Link(this, client, net.connect(this.target, '127.0.0.1'));
    this.links.add(link);
    link.ended = () => this.links.delete(link);
  }
}

/** One connection through the proxy. */
class Link {
  user = '';
  forgotten = false;
  bytesLeft = Infinity;
  ended: () => void = () => undefined;
  private readonly asked = new Asked();
  private readonly fromClient = new Frames(true);
  private readonly fromServer = new Frames(false);
  private readonly toServer: Buffer[] = [];
  private readonly toClient: Buffer[] = [];
  private answer: Frame[] = [];
  private holding = false;
  private closing?: 'client' | 'server';
  private delivering: Promise<void> = Promise.resolve();

  constructor(
    private readonly proxy: PostgresProxy,
    private readonly client: net.Socket,
    private readonly server: net.Socket,
  ) {
    for (const socket of [client, server]) socket.setNoDelay(true);
    client.on('data', (chunk) => this.said(chunk));
    server.on('data', (chunk) => this.answered(chunk));
    client.on('error', () => undefined).on('close', () => this.closed('client'));
    server.on('error', () => undefined).on('close', () => this.closed('server'));
  }

  get serverSidePort(): number | undefined {
    return this.server.localPort;
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
    this.ended();
  }

  release(): void {
    this.bytesLeft = Infinity;
    this.holding = false;
    this.flow();
  }

  private flow(): void {
    this.delivering = this.delivering.then(() => this.deliver());
  }

  private said(chunk: Buffer): void {
    for (const frame of this.fromClient.take(chunk)) {
      if (frame.type === '') this.user = userOf(frame);
      this.asked.note(frame);
    }
    this.toServer.push(chunk);
    const statement = this.asked.open.at(-1);
    if (!this.holding && statement !== undefined && this.proxy.holds?.({ user: this.user, statement })) {
      this.holding = true;
      this.proxy.held += 1;
    }
    this.flow();
  }

  /** Holds an answer back until it is complete: only then is it known what its statement did. */
  private answered(chunk: Buffer): void {
    for (const frame of this.fromServer.take(chunk)) {
      const statement = this.asked.open[0];
      if (statement !== undefined) this.answer.push(frame);
      else this.toClient.push(frame.bytes);
      if (frame.type !== 'Z' || statement === undefined) continue;
      this.asked.open.shift();
      const refused = this.answer.some(({ type }) => type === 'E');
      if (!refused && this.proxy.swallows?.({ user: this.user, statement })) {
        this.proxy.swallowed += 1;
        return this.reset();
      }
      const nonsense = this.proxy.garbles?.({ user: this.user, statement });
      if (nonsense) this.proxy.garbled += 1;
      this.toClient.push(...(nonsense ? [nonsense] : this.answer.map(({ bytes }) => bytes)));
      this.answer = [];
    }
    this.flow();
  }

  private async deliver(): Promise<void> {
    if (this.forgotten) return;
    if (this.proxy.latencyMs > 0) await pause(this.proxy.latencyMs);
    if (this.holding && this.closing === 'client') this.toServer.length = 0;
    if ((!this.holding || this.closing === 'client') && !this.proxy.hangs(this.user, 'to-server')) {
      for (const chunk of this.toServer.splice(0)) this.server.write(chunk);
      if (this.closing === 'client') this.server.end();
    }
    if (!this.proxy.hangs(this.user, 'to-client')) {
      for (const chunk of this.toClient.splice(0)) this.passOn(chunk);
      if (this.closing === 'server') this.client.end();
    }
  }

  private passOn(chunk: Buffer): void {
    if (this.bytesLeft <= 0) return;
    this.client.write(chunk.subarray(0, this.bytesLeft));
    this.bytesLeft -= chunk.length;
    if (this.bytesLeft <= 0) setImmediate(() => this.reset());
  }

  private closed(side: 'client' | 'server'): void {
    this.closing ??= side;
    this.flow();
    if (this.client.destroyed && this.server.destroyed) this.ended();
  }
}
