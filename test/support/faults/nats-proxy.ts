import net from 'node:net';
import { isAck, isDelivery, isPubAck, type NatsFrame, NatsFrames } from './nats-frames.js';
import { type Address, WireLink, WireProxy } from './wire-proxy.js';

/**
 * What to do to messages, each as a share of them between 0 and 1; default nothing. Only in plaintext: through TLS no message
 * can be told from another, and whoever could repeat one would have broken TLS. What a wire suffers, `WireProxy` does to both.
 */
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

/** Sits between the processes of the shop and a NATS without TLS, understands what passes, and breaks it as told. */
export class NatsProxy extends WireProxy {
  mischief: Mischief = {};
  /** How often each thing was really done. */
  readonly done = { repeated: 0, delayed: 0, acksLost: 0, pubAcksLost: 0 };

  /** @param to where the broker is @param host an address of this machine */
  static start(to: () => Address, host = '127.0.0.1'): Promise<NatsProxy> {
    return new NatsProxy(net.createServer(), { to, from: { host, port: 0 } }).listening();
  }

  get url(): string {
    return `nats://${this.host}:${this.port}`;
  }

  override heal(): void {
    this.mischief = {};
    super.heal();
  }

  protected override join(client: net.Socket, server: net.Socket): WireLink {
    return new NatsLink(this, client, server);
  }
}

/** One connection through the proxy; its client says its name. */
class NatsLink extends WireLink {
  private readonly fromClient = new NatsFrames();
  private readonly fromServer = new NatsFrames();

  constructor(
    private readonly proxy: NatsProxy,
    client: net.Socket,
    server: net.Socket,
  ) {
    super(proxy, client, server);
  }

  protected override said(chunk: Buffer): void {
    for (const frame of this.fromClient.take(chunk)) this.ask(frame);
  }

  protected override answered(chunk: Buffer): void {
    for (const frame of this.fromServer.take(chunk)) this.answer(frame);
  }

  private ask(frame: NatsFrame): void {
    if (frame.verb === 'CONNECT') this.name = /"name":"([^"]*)"/.exec(frame.bytes.toString('utf8'))?.[1] ?? '';
    const { mischief, done } = this.proxy;
    if (isAck(frame) && strikes(mischief.loseAcks)) return void (done.acksLost += 1);
    this.pass(frame.bytes, 'to-server');
  }

  private answer(frame: NatsFrame): void {
    const { mischief, done } = this.proxy;
    const pass = () => this.pass(frame.bytes, 'to-client');
    if (strikes(mischief.losePubAcks) && isPubAck(frame)) return void (done.pubAcksLost += 1);
    if (!isDelivery(frame)) return pass();
    if (strikes(mischief.delay)) {
      done.delayed += 1;
      setTimeout(pass, mischief.delayMs ?? 100);
      return;
    }
    pass();
    if (!strikes(mischief.repeat)) return;
    done.repeated += 1;
    pass();
  }
}

const strikes = (share = 0): boolean => share > 0 && Math.random() < share;
