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

/**
 * A TCP port of 127.0.0.1 that nobody listens on right now. Below the ports that operating systems give to outgoing
 * connections (32768 and up on Linux, 49152 and up elsewhere): a server that restarts finds its port free again.
 */
export async function freePort() {
  for (let attempt = 0; attempt < 100; attempt++) {
    const port = randomInt(20_000, 32_768);
    if ((await listen(port, '127.0.0.1')) === port) return port;
  }
  return listen(0, '127.0.0.1');
}

/** Whether a process could listen on `port` on every interface and on 127.0.0.1. */
export async function isPortFree(port) {
  if ((await listen(port, '127.0.0.1')) !== port) return false;
  const everywhere = await listen(port, undefined);
  return everywhere === port;
}

/** Whether something accepts connections on 127.0.0.1:`port`. */
export const accepts = (port) =>
  new Promise((resolve) => {
    const socket = net.connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => resolve(true) || socket.destroy());
    socket.once('error', () => resolve(false));
  });
