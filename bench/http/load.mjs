// Closed-loop HTTP/1.1 load over raw sockets: cheap enough to share a core with PostgreSQL, and it counts every answer.
import { once } from 'node:events';
import net from 'node:net';
import { median } from '../harness/statistics.mjs';

export async function start({ port, path, connections, method = 'POST' }) {
  const callers = await Promise.all(Array.from({ length: connections }, () => connect(port)));
  let sent = 0;

  return {
    /** `headers` are sent with every request, and a new Idempotency-Key with each. */
    async window({ ms, headers = {}, body, runId }) {
      const fixed = Object.entries({ host: `127.0.0.1:${port}`, 'content-type': 'application/json', ...headers });
      const head = `${method} ${path} HTTP/1.1\r\n${fixed.map(([name, value]) => `${name}: ${value}\r\n`).join('')}`;
      const tail = `content-length: ${Buffer.byteLength(body)}\r\n\r\n${body}`;
      const latencies = [];
      const refused = {};
      const started = performance.now();
      const caller = async (socket) => {
        for (let begun = performance.now(); begun < started + ms;) {
          const { status, answer } = await socket.exchange(
            `${head}idempotency-key: bench-${runId}-${++sent}\r\n${tail}`,
          );
          const now = performance.now();
          latencies.push(now - begun);
          begun = now;
          if (status < 200 || status > 299) refused[status] ??= answer.slice(0, 400);
        }
      };
      await Promise.all(callers.map(caller));
      return {
        ops: latencies.length,
        seconds: (performance.now() - started) / 1_000,
        p50Ms: median(latencies),
        refused,
      };
    },
    close: () => callers.forEach(({ socket }) => socket.destroy()),
  };
}

/** A connection that is kept alive; `exchange` sends one request and gives its status and answer. */
export async function connect(port) {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
  await once(socket, 'connect');
  let received = '';
  let settle;
  socket.setEncoding('latin1');
  socket.on('data', (text) => {
    received += text;
    const end = received.indexOf('\r\n\r\n');
    if (end === -1) return;
    const length = /\r\ncontent-length: (\d+)/i.exec(received.slice(0, end + 2));
    if (!length) return settle.reject(new Error(`An answer without content-length: ${received.slice(0, end)}`));
    if (received.length < end + 4 + Number(length[1])) return;
    const answer = { status: Number(received.slice(9, 12)), answer: received.slice(end + 4) };
    received = '';
    settle.resolve(answer);
  });
  socket.on('error', (error) => settle?.reject(error));
  socket.on('close', () => settle?.reject(new Error('The server closed a connection that was kept alive')));
  const exchange = (request) =>
    new Promise((resolve, reject) => {
      settle = { resolve, reject };
      socket.write(request);
    });
  return { socket, exchange };
}
