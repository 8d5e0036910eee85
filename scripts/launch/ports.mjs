import { randomInt } from 'node:crypto';
import net from 'node:net';

const listen = (port, host) =>
  new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(error.code));
    server.listen({ port, host, exclusive: true }, () => {
      const { port: bound } = server.address();
      server.close(() => resolve(bound));
    });
  });

/** Whether a process could listen on `port` on every interface and on 127.0.0.1. */
export async function isPortFree(port) {
  if ((await listen(port, '127.0.0.1')) !== port) return false;
  const everywhere = await listen(port, undefined);
  return everywhere === port;
}

/** The one in our range that `fetch` and browsers ask nothing at: https://fetch.spec.whatwg.org/#port-blocking */
const BLOCKED_BY_FETCH = 10_080;

/**
 * A TCP port that nobody listens on right now. Below the ports that operating systems give to outgoing connections (32768 and up
 * on Linux, 49152 and up elsewhere): a server that restarts finds its port free again.
 *
 * @param {ReadonlySet<number>} [taken] not these, which somebody is going to listen on
 * @throws {Error} when a hundred ports in a row are not to be had
 */
export async function freePort(taken = new Set()) {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(10_000, 32_768);
    if (port !== BLOCKED_BY_FETCH && !taken.has(port) && (await isPortFree(port))) return port;
  }
  throw new Error('No port between 10000 and 32767 can be listened on: are all of them in use?');
}

/**
 * Where this machine reaches what listens on `host`: 127.0.0.1 when that is every address.
 * @param {string | undefined} host as in HOST
 * @param {number} port
 */
export function originAt(host, port) {
  const { origin, hostname } = new URL(`http://${net.isIPv6(host) ? `[${host}]` : host || '0.0.0.0'}:${port}`);
  return ['0.0.0.0', '[::]'].includes(hostname) ? `http://127.0.0.1:${port}` : origin;
}

/** Whether something accepts connections on 127.0.0.1:`port`. */
export const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true) || socket.destroy());
    socket.once('error', () => resolve(false));
  });
