import { connect, nkeyAuthenticator, type NatsConnection, type NodeConnectionOptions } from '@nats-io/transport-node';

/** Where the broker is, and who we say we are. */
export interface NatsAddress extends Omit<NodeConnectionOptions, 'servers' | 'name' | 'inboxPrefix'> {
  /** `nats://host:port`, several separated by commas. */
  url: string;
  /** Who this is, as the server's monitoring shows it. */
  name: string;
  /** Below which subject replies come; default `_INBOX_<name>`, so that a server can keep others from listening. */
  inboxPrefix?: string;
  /** The private half of the key that the server knows it by, an nkey seed (`SU…`). */
  nkeySeed?: string;
}

/**
 * Connects to NATS and stays connected: it waits for a server that is not there yet, comes back for ever, and finds out a
 * link that swallows everything within 15 s.
 *
 * `noAsyncTraces` because a stack trace per request costs more than the request (FACTS §2b: 52,000 publishes/s with it off).
 *
 * @param address `tls` and so on are passed on as they are. Files that `tls` names are read again for every connection, so a
 *   renewed certificate needs no restart
 * @example const connection = await connectNats({ url: 'nats://127.0.0.1:4222', name: 'accounts' });
 */
export function connectNats({ url, name, inboxPrefix, nkeySeed, ...more }: NatsAddress): Promise<NatsConnection> {
  return connect({
    servers: url.split(',').map((server) => server.trim()),
    name,
    inboxPrefix: inboxPrefix ?? `_INBOX_${name.replaceAll(/[^\w-]/g, '_')}`,
    noAsyncTraces: true,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    waitOnFirstConnect: true,
    pingInterval: 5_000,
    maxPingOut: 2,
    ...(nkeySeed !== undefined && { authenticator: nkeyAuthenticator(new TextEncoder().encode(nkeySeed)) }),
    ...more,
  });
}
