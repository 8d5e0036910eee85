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

/** A TCP port of 127.0.0.1 that nobody listens on right now. */
export const freePort = () => listen(0, '127.0.0.1');

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
