import { Logger } from '@nestjs/common';
import { Server as NetServer } from 'node:net';
import type { Server } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { FixedLimit } from './concurrency/fixed-limit.js';
import { OpenSockets } from './open-sockets.js';

/** The HTTP steps of an orderly shutdown, in the order they are meant to be called. */
export class EdgeState {
  /** From now on every answer says `Connection: close`. */
  draining = false;
  private closed: Promise<void> | undefined;
  private readonly sockets: OpenSockets;

  constructor(
    private readonly server: Server,
    private readonly limit: FixedLimit,
  ) {
    this.sockets = new OpenSockets(server);
  }

  /** Requests being worked on, probes not counted. */
  get inFlight(): number {
    return this.limit.inFlight;
  }

  /** Whether there is room for no request of any kind. */
  get full(): boolean {
    return this.limit.full;
  }

  /** Step 1: still answer everything, but ask clients to come back over a new connection (to another process). */
  startDraining(): void {
    this.draining = true;
  }

  /**
   * Step 2: accept no new connection; connections with a request in hand stay, idle ones are closed.
   * Call it some time after `startDraining`: a connection in use has been closed by its client by then, so that closing
   * the idle ones does not cross a request on its way.
   */
  stopAccepting(): void {
    this.draining = true;
    // The method of net.Server: the one of http.Server would close idle connections in the same breath.
    this.closed ??= new Promise((resolve) => {
      if (!this.server.listening) return resolve();
      NetServer.prototype.close.call(this.server, () => resolve());
    });
    this.server.closeIdleConnections();
  }

  /**
   * Step 3: waits for the requests in flight. That some had to be cut off is logged.
   *
   * @param graceMs milliseconds; default 15,000
   * @returns how many requests had to be cut off
   */
  async finish(graceMs = 15_000): Promise<number> {
    const deadline = performance.now() + graceMs;
    while (this.inFlight > 0 && performance.now() < deadline) {
      this.server.closeIdleConnections();
      await delay(20);
    }
    const cut = this.inFlight;
    if (cut > 0) new Logger('Edge').warn(`${cut} requests were cut off: they were not done after ${graceMs} ms`);
    this.sockets.destroy();
    await this.closed;
    return cut;
  }
}
