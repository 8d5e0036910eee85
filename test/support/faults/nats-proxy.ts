import { once } from 'node:events';
import net from 'node:net';
import { isAck, isDelivery, isPubAck, type NatsFrame, NatsFrames } from './nats-frames.js';

/** What to do to messages, each as a share of them between 0 and 1; default nothing. */
export interface Mischief {
  /** Deliveries that arrive twice. */
  repeat?: number;
  /** Deliveries that younger ones overtake. */
  delay?: number;
  delayMs?: number;
  /** Acknowledgements of readers that are lost. */
  loseAcks?: number;
  /** Confirmations of what was stored that are lost: the writer does not know. */
  losePubAcks?: number;
}

/** Sits between the processes of the shop and NATS, understands what passes, and breaks it as told. */
export class NatsProxy {
  private readonly links = new Set<NatsLink>();
  private cut: RegExp | undefined;
  mischief: Mischief = {};
  /** How often each thing was really done. */
  readonly done = { repeated: 0, delayed: 0, acksLost: 0, pubAcksLost: 0, swallowed: 0 };

  private constructor(
    private readonly server: net.Server,
    private readonly target: () => number,
  ) {}

  /** @param target the broker's port on this machine */
  static async start(target: () => number): Promise<NatsProxy> {
    const server = net.createServer();
    const proxy = new NatsProxy(server, target);
    server.on('connection', (client) => proxy.accept(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    return `nats://127.0.0.1:${(this.server.address() as net.AddressInfo).port}`;
  }

  /** Connections whose client's name is like this stay open, and nothing arrives any more in either direction. */
  partition(name: RegExp): void {
    this.cut = name;
  }

  isCut(name: string): boolean {
    return this.cut?.test(name) ?? false;
  }

  /** The cable is in again. What was sent meanwhile is lost: whoever waited for it finds out by its own clock. */
  heal(): void {
    const cut = [...this.links].filter((link) => this.isCut(link.name));
    this.cut = undefined;
    this.mischief = {};
    for (const link of cut) link.reset();
  }

  async stop(): Promise<void> {
    this.server.close();
    for (const link of this.links) link.reset();
    await once(this.server, 'close');
  }

  private accept(client: net.Socket): void {
    const link = new NatsLink(this, client, net.connect(this.target(), '127.0.0.1'));
    this.links.add(link);
    link.ended = () => this.links.delete(link);
  }
}

/** One connection through the proxy. */
class NatsLink {
  name = '';
  ended: () => void = () => undefined;
  private readonly fromClient = new NatsFrames();
  private readonly fromServer = new NatsFrames();

  constructor(
    private readonly proxy: NatsProxy,
    private readonly client: net.Socket,
    private readonly server: net.Socket,
  ) {
    for (const socket of [client, server]) {
      socket.setNoDelay(true);
      socket.on('error', () => undefined).on('close', () => this.reset());
    }
    client.on('data', (chunk) => this.fromClient.take(chunk).forEach((frame) => this.said(frame)));
    server.on('data', (chunk) => this.fromServer.take(chunk).forEach((frame) => this.answered(frame)));
  }

  reset(): void {
    this.client.destroy();
    this.server.destroy();
    this.ended();
  }

  private said(frame: NatsFrame): void {
    if (frame.verb === 'CONNECT') this.name = /"name":"([^"]*)"/.exec(frame.bytes.toString('utf8'))?.[1] ?? '';
    if (this.swallows()) return;
    const { mischief, done } = this.proxy;
    if (isAck(frame) && strikes(mischief.loseAcks)) return void (done.acksLost += 1);
    this.server.write(frame.bytes);
  }

  private answered(frame: NatsFrame): void {
    if (this.swallows()) return;
    const { mischief, done } = this.proxy;
    if (strikes(mischief.losePubAcks) && isPubAck(frame)) return void (done.pubAcksLost += 1);
    if (!isDelivery(frame)) return void this.client.write(frame.bytes);
    if (strikes(mischief.delay)) {
      done.delayed += 1;
      setTimeout(() => this.client.destroyed || this.client.write(frame.bytes), mischief.delayMs ?? 100);
      return;
    }
    this.client.write(frame.bytes);
    if (!strikes(mischief.repeat)) return;
    done.repeated += 1;
    this.client.write(frame.bytes);
  }

  private swallows(): boolean {
    if (!this.proxy.isCut(this.name)) return false;
    this.proxy.done.swallowed += 1;
    return true;
  }
}

const strikes = (share = 0): boolean => share > 0 && Math.random() < share;
