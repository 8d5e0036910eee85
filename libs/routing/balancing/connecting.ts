import type { buildConnector } from 'undici';

const unmade = new WeakSet<object>();

/** A connector whose failures are told from everything that happens to a connection later, see {@link wasNeverSent}. */
export function connecting(connect: buildConnector.connector): buildConnector.connector {
  return (options, callback) =>
    connect(options, (...outcome) => {
      const [error] = outcome;
      if (error) unmade.add(error);
      callback(...outcome);
    });
}

/**
 * Whether a request failed because there was no connection to send it over, whatever the reason: refused, no way there, a
 * certificate of somebody else, a handshake that broke off. Then it may be sent elsewhere.
 */
export function wasNeverSent(error: unknown): boolean {
  return typeof error === 'object' && error !== null && unmade.has(error);
}
