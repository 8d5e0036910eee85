import { once } from 'node:events';
import net from 'node:net';

export interface Address {
  host: string;
  port: number;
}

export interface WireOptions {
  /** Where it leads; asked for every connection. */
  to: () => Address;
  /** Where it begins; default a free port of 127.0.0.1. */
  from?: Address;
  /** Who has the connection that comes from this TCP port, where what passes does not say so. */
  nameOf?: (port: number) => string;
}

export type Way = 'both' | 'to-server' | 'to-client';

/** A wire between two ends. It knows nothing of what passes, so TLS is no hindrance: it is cut, slow, or torn. */
export class WireProxy {
  protected readonly links = new Set<WireLink>();
  private cut: { name: RegExp; way: Way } | undefined;
  /** How long everything is on its way, each way, milliseconds. */
  latencyMs = 0;
  /** How many pieces a cut has swallowed. */
  swallowed = 0;

  protected constructor(
    private readonly server: net.Server,
    private readonly options: WireOptions,
  ) {
    server.on('connection', (client) => this.accept(client));
    const { host, port } = options.from ?? { host: '127.0.0.1', port: 0 };
    server.listen(port, host);
  }

  /** Whoever connects before it listens is refused, as if nobody were there. */
  static open(options: WireOptions): WireProxy {
    return new WireProxy(net.createServer(), options);
  }

  get host(): string {
    return (this.server.address() as net.AddressInfo).address;
  }

  get port(): number {
    return (this.server.address() as net.AddressInfo).port;
  }

  /** The port from which the connection came that goes on from this one. */
  origin(port: number): number | undefined {
    return [...this.links].find((link) => link.goesOnFrom === port)?.from;
  }

  listening(): Promise<this> {
    return this.server.listening ? Promise.resolve(this) : once(this.server, 'listening').then(() => this);
  }

  /** Connections of whoever is called like this stay open, and nothing arrives any more; nobody hears of an end either. */
  partition(name: RegExp, way: Way = 'both'): void {
    this.cut = { name, way };
  }

  isCut(link: WireLink, way: Exclude<Way, 'both'>): boolean {
    const { cut } = this;
    return cut !== undefined && (cut.way === 'both' || cut.way === way) && cut.name.test(link.name);
  }

  /** The cable is in again. What was sent meanwhile is lost: whoever waited for it finds out by its own clock. */
  heal(): void {
    const cut = [...this.links].filter((link) => this.isCut(link, 'to-server') || this.isCut(link, 'to-client'));
    this.cut = undefined;
    this.latencyMs = 0;
    for (const link of cut) link.reset();
  }

  /** Ends these connections with a RST, both ways. How many. */
  reset(name = /(?:)/): number {
    const torn = [...this.links].filter((link) => name.test(link.name));
    for (const link of torn) link.reset();
    return torn.length;
  }

  async stop(): Promise<void> {
    this.server.close();
    this.reset();
    await once(this.server, 'close');
  }

  /** @returns the name as far as it is known */
  nameOf(port: number): string {
    return this.options.nameOf?.(port) ?? '';
  }

  protected join(client: net.Socket, server: net.Socket): WireLink {
    return new WireLink(this, client, server);
  }

  private accept(client: net.Socket): void {
    const link = this.join(client, net.connect(this.options.to()));
    this.links.add(link);
    link.ended = () => this.links.delete(link);
  }
}

/** One connection. */
export class WireLink {
  ended: () => void = () => undefined;
  private known = '';
  private readonly way: Record<'to-server' | 'to-client', Buffer[]> = { 'to-server': [], 'to-client': [] };
  /** The TCP port of whoever connected. */
  readonly from: number;

  constructor(
    private readonly wire: WireProxy,
    private readonly client: net.Socket,
    private readonly server: net.Socket,
  ) {
    this.from = client.remotePort ?? 0;
    for (const socket of [client, server]) socket.setNoDelay(true).on('error', () => undefined);
    client.on('data', (chunk) => this.said(chunk)).on('close', () => this.closed('to-server', server));
    server.on('data', (chunk) => this.answered(chunk)).on('close', () => this.closed('to-client', client));
  }

  get name(): string {
    return (this.known ||= this.wire.nameOf(this.from));
  }

  protected set name(name: string) {
    this.known = name;
  }

  get goesOnFrom(): number | undefined {
    return this.server.localPort;
  }

  reset(): void {
    this.client.resetAndDestroy();
    this.server.resetAndDestroy();
    this.ended();
  }

  protected said(chunk: Buffer): void {
    this.pass(chunk, 'to-server');
  }

  protected answered(chunk: Buffer): void {
    this.pass(chunk, 'to-client');
  }

  /** Sends it on, unless the wire is cut; in the order in which it came. */
  protected pass(bytes: Buffer, way: 'to-server' | 'to-client'): void {
    if (this.wire.isCut(this, way)) return void (this.wire.swallowed += 1);
    const to = way === 'to-server' ? this.server : this.client;
    const waiting = this.way[way];
    if (this.wire.latencyMs === 0 && waiting.length === 0) return void to.write(bytes);
    waiting.push(bytes);
    setTimeout(() => to.destroyed || to.write(waiting.shift()!), this.wire.latencyMs);
  }

  private closed(way: 'to-server' | 'to-client', other: net.Socket): void {
    if (this.client.destroyed && this.server.destroyed) this.ended();
    else if (!this.wire.isCut(this, way)) setTimeout(() => other.end(), this.wire.latencyMs);
  }
}
