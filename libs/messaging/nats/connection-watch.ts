import type { NatsConnection } from '@nats-io/transport-node';
import { MAX_MESSAGE_BYTES } from '../message.js';

/** How the connection to NATS is, for health and metrics. */
export interface ConnectionState {
  state: 'connected' | 'reconnecting' | 'closed';
  /** Of the server that is, or was last, connected to. */
  server: string;
  version: string | undefined;
  reconnects: number;
  /** Seconds since the connection was lost; 0 while there is one. */
  awaySeconds: number;
  /** What the server takes in one message, bytes; and what it must take at least. */
  maxPayload: number | undefined;
  needed: number;
}

/** Room beside the data of a message: its envelope and headers. */
const ENVELOPE_BYTES = 16 * 1024;

/**
 * Remembers what happens to a connection.
 *
 * @example const watch = new ConnectionWatch(connection); watch.state() // { state: 'connected', reconnects: 0, … }
 */
export class ConnectionWatch {
  private reconnects = 0;
  private lostAt: number | undefined;

  constructor(private readonly connection: NatsConnection) {
    void this.listen();
  }

  state(): ConnectionState {
    const { connection, lostAt, reconnects } = this;
    const open = lostAt === undefined ? 'connected' : 'reconnecting';
    return {
      state: connection.isClosed() ? 'closed' : open,
      server: connection.getServer(),
      version: connection.info?.version,
      reconnects,
      awaySeconds: lostAt === undefined ? 0 : Math.round((performance.now() - lostAt) / 1_000),
      maxPayload: connection.info?.max_payload,
      needed: MAX_MESSAGE_BYTES + ENVELOPE_BYTES,
    };
  }

  private async listen(): Promise<void> {
    for await (const { type } of this.connection.status()) {
      if (type === 'disconnect') this.lostAt ??= performance.now();
      if (type !== 'reconnect') continue;
      this.lostAt = undefined;
      this.reconnects += 1;
    }
  }
}
