import type { NatsConnection } from '@nats-io/transport-node';
import { NatsServer } from '../../../test/support/nats-server.js';
import { connectNats } from './connect-nats.js';

let server: NatsServer;
beforeAll(async () => void (server = await NatsServer.start()), 60_000);
afterAll(() => server.remove());

const who = () => ({ url: server.url, name: 'accounts', user: 'accounts', pass: 'known' });

async function restartWith(pass: string): Promise<void> {
  await server.end();
  await server.restart('--user', 'accounts', '--pass', pass);
}

/** Resolves when that has happened to the connection so often, or when it is closed. */
async function happened(connection: NatsConnection, type: 'error' | 'reconnect', times: number): Promise<void> {
  for await (const status of connection.status()) if (status.type === type && (times -= 1) === 0) return;
}

describe('a connection to NATS', () => {
  it('comes back however often a server that did not know it yet refused it', async () => {
    await restartWith('known');
    const connection = await connectNats(who());
    const [refused, back] = [happened(connection, 'error', 4), happened(connection, 'reconnect', 1)];
    await restartWith('not known yet');
    await refused;
    await restartWith('known');
    await back;
    expect(connection.isClosed()).toBe(false);
    await connection.close();
  }, 60_000);

  it('is not made by who is refused from the start: that is a mistake', async () => {
    await restartWith('another');
    await expect(connectNats(who())).rejects.toThrow(/authorization violation/i);
  }, 60_000);
});
