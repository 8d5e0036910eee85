import net, { type AddressInfo } from 'node:net';
import { inWaitingRoom } from './waiting-room.js';

const PATIENCE_MS = 20;

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const ask = (port: number, path: string) => fetch(`http://127.0.0.1:${port}${path}`);
const after = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

describe('the waiting room of a start', () => {
  const room = async (nats: (port: number) => string) => {
    const [port, elsewhere] = [await freePort(), await freePort()];
    return { host: '127.0.0.1', port, needs: { NATS: nats(elsewhere) }, patienceMs: PATIENCE_MS };
  };

  it.each<[string, (port: number) => string]>([
    ['a URL', (port) => `nats://who:secret@127.0.0.1:${port}`],
    ['an address that is none', () => '127.0.0.1:70000'],
    ['host and port', (port) => `127.0.0.1:${port}, 127.0.0.1:1`],
  ])('says what a long start waits for, at %s', async (_what, nats) => {
    const options = await room(nats);
    const started = Promise.withResolvers<string>();
    const starting = inWaitingRoom(options, () => started.promise);
    const answer = await until(() => ask(options.port, '/readyz'));
    expect([answer.status, await answer.json()]).toEqual([503, { status: 'error', reasons: ['waiting for NATS'] }]);
    expect(await (await ask(options.port, '/healthz')).text()).not.toContain('secret');
    started.resolve('there');
    expect(await starting).toBe('there');
    await expect(ask(options.port, '/livez')).rejects.toThrow();
  });

  it('does not keep the start waiting for somebody who has connected and says nothing, not even a greeting', async () => {
    const options = { ...(await room((port) => `127.0.0.1:${port}`)), tls: { cert: '', key: '' } };
    const started = Promise.withResolvers<string>();
    const starting = inWaitingRoom(options, () => started.promise);
    const silent = await until(() => connected(options.port));
    started.resolve('there');
    expect(await starting).toBe('there');
    await new Promise((resolve) => silent.once('close', resolve).resume());
  });

  it('is not opened for a start that is over by the time it knows what that waits for', async () => {
    const options = await room((port) => `nats://127.0.0.1:${port}`);
    const listeners = process.listenerCount('SIGTERM');
    await inWaitingRoom(options, () => after(PATIENCE_MS));
    await after(100); // long enough for a refused connection
    expect(process.listenerCount('SIGTERM')).toBe(listeners);
    await expect(ask(options.port, '/livez')).rejects.toThrow();
  });
});

function connected(port: number): Promise<net.Socket> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ host: '127.0.0.1', port });
    socket.once('connect', () => resolve(socket)).once('error', reject);
  });
}

async function until<T>(work: () => Promise<T>): Promise<T> {
  for (;;) {
    const done = await work().catch(() => undefined);
    if (done !== undefined) return done;
    await after(10);
  }
}
