import { generateKeyPairSync } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { freePort } from '../../scripts/launch/ports.mjs';
import { eventually } from '../support/eventually.js';
import { NameServer } from '../support/name-server.js';
import { ended, runImage } from './image.fixture.js';

interface Line {
  level: string;
  process: string;
  context: string;
  msg: string;
}

describe('a gateway in a container', () => {
  it('starts while DNS fails, listens where it is told, and its log says what it meets', async () => {
    const names = await NameServer.start();
    names.failing = true;
    const port = await freePort();
    const { privateKey } = generateKeyPairSync('ed25519');
    const env = {
      HOST: '127.0.0.1',
      PORT: String(port),
      DISCOVERY: 'dns',
      DISCOVERY_DNS_SERVERS: names.address,
      GATEWAY_START_WAIT_MS: '100',
      INTERNAL_TOKEN_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string,
      TLS_EXTERNAL: 'true',
    };
    const gateway = runImage('gateway', env, 'pipe');
    const said = Promise.all([text(gateway.stdout!), text(gateway.stderr!)]);
    const ask = async (path: string, host = '127.0.0.1') => (await fetch(`http://${host}:${port}${path}`)).status;
    try {
      const isUp = async () => gateway.exitCode !== null || (await ask('/readyz').catch(() => 0)) === 200;
      await eventually(isUp, { what: 'the gateway is ready', withinMs: 30_000 });
      expect(gateway.exitCode).toBeNull();
      await expect(ask('/readyz', '127.0.0.2')).rejects.toThrow();
      expect(await ask('/api/v1/products')).toBe(503);
    } finally {
      gateway.kill('SIGTERM');
      await ended(gateway);
      await names.stop();
    }
    const [log, complaints] = await said;
    expect(complaints).toBe('');
    expect(log).not.toMatch(/preview/i); // the application that only makes the document
    const lines = log.trim().split('\n');
    const heard = lines.map((line) => JSON.parse(line) as Line).filter(({ process }) => process === 'gateway');
    for (const [context, msg] of [
      ['Discovery', 'the registry does not answer'],
      ['Problem', 'unavailable: Nobody answers for catalog at the moment.'],
      ['Shutdown', 'SIGTERM: shutting down in 8 steps'],
    ])
      expect(heard).toContainEqual(expect.objectContaining({ context, msg }));
  });
});
