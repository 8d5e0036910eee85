import http from 'node:http';
import https from 'node:https';
import net from 'node:net';
import { OpenSockets } from '../http/open-sockets.js';

export interface WaitingRoomOptions {
  host: string;
  port: number;
  /** What the start may be waiting for, by name: where it should answer. */
  needs: Record<string, string | undefined>;
  /** Milliseconds a start may take before somebody answers in its place; default 2,000. */
  patienceMs?: number;
  /** The certificate of the process, when it will speak TLS: whoever asks now asks in the same way. */
  tls?: { cert: string; key: string };
}

/**
 * Starts something that may have to wait for others, and answers on its port meanwhile: alive, not ready, and why. It opens only
 * when the start takes long, and is closed again before the start goes on.
 */
export async function inWaitingRoom<T>(options: WaitingRoomOptions, start: () => Promise<T>): Promise<T> {
  const room = new WaitingRoom(options);
  const opening = setTimeout(() => {
    room.open().catch(() => undefined); // nobody answers meanwhile; the start goes on, and says itself what is wrong
  }, options.patienceMs ?? 2_000);
  try {
    return await start();
  } finally {
    clearTimeout(opening);
    await room.close();
  }
}

type Finding = { status: 'up' | 'down'; at: string; message?: string };

class WaitingRoom {
  private server?: http.Server;
  private sockets?: OpenSockets;
  private over = false;
  private readonly leave = (): void => process.exit(0);

  constructor(private readonly options: WaitingRoomOptions) {}

  async open(): Promise<void> {
    const { host, port, tls } = this.options;
    const findings = await this.findings();
    if (this.over) return; // the start was, while others were asked: the port and the signals are its own now
    for (const [name, { status, at }] of Object.entries(findings)) {
      if (status === 'down') process.stderr.write(`The start waits for ${name}, which does not answer at ${at}.\n`);
    }
    process.on('SIGTERM', this.leave).on('SIGINT', this.leave);
    if (process.send) process.on('disconnect', this.leave);
    const answer: http.RequestListener = (request, response) => void this.answer(request.url ?? '/', response);
    this.server = tls ? https.createServer({ ...tls, minVersion: 'TLSv1.3' }, answer) : http.createServer(answer);
    this.server.on('error', () => undefined); // the start meets the same, and says it
    this.sockets = new OpenSockets(this.server);
    this.server.listen(port, host);
  }

  async close(): Promise<void> {
    this.over = true;
    const { server } = this;
    if (!server) return;
    for (const event of ['SIGTERM', 'SIGINT', 'disconnect']) process.off(event, this.leave);
    const closed = new Promise((resolve) => server.close(resolve));
    this.sockets?.destroy(); // the start does not wait for a client that keeps its connection
    await closed;
  }

  private async answer(url: string, response: http.ServerResponse): Promise<void> {
    const [path] = url.split('?', 1);
    if (path === '/livez') return say(response, 200, { status: 'ok' });
    const details = await this.findings();
    const missing = Object.keys(details).filter((name) => details[name]!.status === 'down');
    const reasons = missing.length > 0 ? missing.map((name) => `waiting for ${name}`) : ['starting'];
    if (path === '/readyz' || path === '/startupz') return say(response, 503, { status: 'error', reasons });
    if (path === '/healthz') return say(response, 503, { status: 'error', info: {}, error: details, details });
    say(response, 503, {
      type: '/problems/unavailable',
      title: 'Unavailable',
      status: 503,
      detail: 'This process has not started yet. Try again in a moment.',
      instance: path,
      traceId: '',
    });
  }

  private async findings(): Promise<Record<string, Finding>> {
    const needs = Object.entries(this.options.needs).flatMap(([name, url]) => (url ? [{ name, url }] : []));
    const asked = needs.map(async ({ name, url }) => [name, await reach(url.split(',')[0]!.trim())] as const);
    return Object.fromEntries(await Promise.all(asked));
  }
}

/** Where NATS is when its address does not say so. */
const DEFAULT_PORT = '4222';

/** Says where, and not with which password. As for NATS, an address needs neither a scheme nor a port. */
async function reach(address: string): Promise<Finding> {
  const plain = net.isIPv6(address) ? `[${address}]` : address;
  const url = address.includes('://') ? address : `nats://${plain}`;
  if (!URL.canParse(url)) return { status: 'down', at: 'an address that cannot be read', message: 'correct NATS_URL' };
  const { hostname, port } = new URL(url);
  const at = `${hostname}:${port || DEFAULT_PORT}`;
  const reached = await new Promise<boolean>((resolve) => {
    const host = hostname.replace(/^\[|\]$/g, '');
    const socket = net.connect({ host, port: Number(port || DEFAULT_PORT), timeout: 500 });
    const end = (answer: boolean) => (socket.destroy(), resolve(answer));
    socket
      .once('connect', () => end(true))
      .once('error', () => end(false))
      .once('timeout', () => end(false));
  });
  return reached
    ? { status: 'up', at }
    : { status: 'down', at, message: 'does not answer; the start goes on when it does' };
}

function say(response: http.ServerResponse, status: number, body: object): void {
  const type = 'type' in body ? 'application/problem+json' : 'application/json';
  const again = status === 503 ? { 'retry-after': '1' } : {};
  response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-store', ...again });
  response.end(JSON.stringify(body));
}
