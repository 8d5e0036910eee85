import { generateKeyPairSync } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { startApp, type RunningApp } from '../../../scripts/launch/app.mjs';
import { freePort } from '../../../scripts/launch/ports.mjs';
import { eventually } from '../../support/eventually.js';

const CONTEXTS = ['users', 'catalog', 'inventory', 'orders', 'payments', 'shipping', 'notifications', 'checkout'];

/** A request as the back end read it, or as the gateway logged it. */
export interface Seen {
  id: string | undefined;
  method: string;
  /** The target at the back end, the route's template in the log. */
  target: string;
  status?: number;
}

/** What a gateway asks in its own name. */
const OWN = /^\/(?:readyz|healthz|internal\/token-facts)/;

/** Bytes without an answer for this long: nothing more is coming until the client has said that it is done. */
const SILENCE_MS = 200;

/**
 * A real gateway in its own process, and behind it one server for every context that reads as leniently as Node can: what
 * could be smuggled past anybody arrives here.
 */
export class WatchedGateway {
  readonly seen: Seen[] = [];
  /** Bytes that reached the back end and are no request. */
  readonly unreadable: string[] = [];
  private readonly folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-smuggling-'));
  private readonly log = openSync(path.join(this.folder, 'gateway.log'), 'w');
  private server!: Server;
  private app!: RunningApp;
  private port!: number;

  async start(): Promise<void> {
    this.server = createServer({ insecureHTTPParser: true }, (request, response) => {
      const { method = '', url: target = '', headers } = request;
      if (!OWN.test(target)) this.seen.push({ id: headers['x-correlation-id'] as string, method, target });
      request.resume();
      const body = target.startsWith('/internal/') ? { keys: [], endedSessions: [] } : { saw: `${method} ${target}` };
      response.setHeader('content-type', 'application/json').end(JSON.stringify(body));
    });
    this.server.on('clientError', (error: NodeJS.ErrnoException & { rawPacket?: Buffer }, socket) => {
      if (error.code !== 'ECONNRESET' && error.rawPacket?.length)
        this.unreadable.push(error.rawPacket.toString('latin1'));
      socket.destroy();
    });
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    const { port } = this.server.address() as net.AddressInfo;
    this.port = await freePort();
    const { privateKey } = generateKeyPairSync('ed25519');
    const env = {
      PORT: String(this.port),
      LOG_LEVEL: 'info', // its log is what it is held to
      NATS_URL: '',
      DISCOVERY: 'file',
      HOLDFAST_TARGETS: JSON.stringify(Object.fromEntries(CONTEXTS.map((one) => [one, [`http://127.0.0.1:${port}`]]))),
      INTERNAL_TOKEN_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
    };
    this.app = startApp({ name: 'gateway', env, output: this.log });
    const ready = async () => (await fetch(`http://127.0.0.1:${this.port}/readyz`).catch(() => undefined))?.ok;
    await eventually(ready, { what: 'the gateway is ready', withinMs: 60_000 });
  }

  async stop(): Promise<void> {
    await this.app?.stop();
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
    closeSync(this.log);
    rmSync(this.folder, { recursive: true });
  }

  /** What the gateway says it has done, requests of which no bytes could be read not among it. */
  logged(): Seen[] {
    const lines = readFileSync(path.join(this.folder, 'gateway.log'), 'utf8').split('\n');
    return lines
      .slice(0, -1) // the last one may not be whole yet
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Record<string, never>)
      .filter(({ msg }) => msg === 'request')
      .map(({ correlation_id: id, method, route: target, status }) => ({ id, method, target, status }));
  }

  /**
   * Sends bytes as they are, one connection for each; gives what came back until it closed or said what is waited for.
   *
   * @param silenceMs after which nothing more is expected; an answer that must come has longer than one that may
   */
  exchange(bytes: string, until?: string, silenceMs = SILENCE_MS): Promise<string> {
    return new Promise((resolve) => {
      let answer = '';
      const socket = net.connect({ port: this.port, host: '127.0.0.1', allowHalfOpen: true });
      socket.setTimeout(silenceMs, () => socket.end());
      socket.on('data', (chunk) => {
        answer += chunk.toString('latin1');
        if (until !== undefined && answer.includes(until)) socket.destroy();
      });
      socket.on('end', () => socket.end());
      socket.on('error', () => {});
      socket.on('close', () => resolve(answer));
      socket.write(bytes, 'latin1');
    });
  }
}
