// Customers who order: at a steady rate whatever the answers take, or so many at once one after the other.
import { setTimeout as pause } from 'node:timers/promises';
import { connect } from '../http/load.mjs';
import { SEEDED_SKUS } from '../http/shop.mjs';

const CONNECTIONS = 32;

export async function start() {
  let port;
  const sockets = [];
  let sent = 0;

  /** Made when it is needed: one that says nothing for long is closed by the shop. */
  const open = async () => {
    const socket = await connect(port);
    sockets.push(socket);
    return socket;
  };

  const order = async (socket, { token, runId }) => {
    sent += 1;
    const body = JSON.stringify({
      lines: [{ sku: SEEDED_SKUS[sent % SEEDED_SKUS.length], quantity: 1 }],
      paymentMethod: { provider: 'acme', token: 'tok_ok' },
      shippingAddress: { name: 'Ada', street: '12 Square', city: 'London', postalCode: 'SW1Y 4JH', country: 'GB' },
    });
    const head = [
      'POST /api/v1/orders HTTP/1.1',
      `host: 127.0.0.1:${port}`,
      'content-type: application/json',
      `authorization: Bearer ${token}`,
      `idempotency-key: bench-${runId}-${sent}`,
      `content-length: ${Buffer.byteLength(body)}`,
    ];
    return socket.exchange(`${head.join('\r\n')}\r\n\r\n${body}`);
  };

  const hangUp = () => {
    for (const { socket } of sockets.splice(0)) {
      socket.removeAllListeners('close');
      socket.destroy();
    }
  };

  return {
    /** Which shop the next orders go to. */
    async call(shop) {
      port = shop.port;
    },

    /** An order is due every 1/perSecond; its time counts from then, so that a queue shows. */
    async steady({ ms, perSecond, ...to }) {
      const idle = [];
      const took = [];
      const refused = {};
      const one = async (due) => {
        const socket = idle.pop() ?? (await open());
        note(refused, await order(socket, to));
        took.push(performance.now() - due);
        idle.push(socket);
      };
      const started = performance.now();
      const all = [];
      for (let turn = 0; turn < (ms / 1_000) * perSecond; turn++) {
        const due = started + (turn * 1_000) / perSecond;
        if (due > performance.now()) await pause(due - performance.now());
        all.push(one(due));
      }
      await Promise.all(all);
      hangUp();
      return { orders: all.length, took, refused };
    },

    /** As fast as the answers come. */
    async burst({ orders, ...to }) {
      const refused = {};
      let left = orders;
      const caller = async () => {
        const socket = await open();
        while (left-- > 0) note(refused, await order(socket, to));
      };
      await Promise.all(Array.from({ length: Math.min(CONNECTIONS, orders) }, caller));
      hangUp();
      return { orders, refused };
    },

    hangUp,
    close: hangUp,
  };
}

function note(refused, { status, answer }) {
  if (status !== 201) refused[status] ??= answer.slice(0, 400);
}
