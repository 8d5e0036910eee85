import { manifestOf } from '@holdfast/host';
import { connectNats, inboxOf, type NatsAddress } from '@holdfast/messaging';
import { LocalAuthority, certificatePaths } from '@holdfast/security';
import { nkeys } from '@nats-io/transport-node';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { contexts } from '../../apps/contexts.js';
import { certificateHolders, makeCertificates } from '../../scripts/deploy/certificates.mjs';
import { settings } from '../../scripts/deploy/kubernetes/settings.mjs';
import { makeNatsKeys } from '../../scripts/deploy/secrets.mjs';
import { resolveProcesses } from '../../scripts/topology/check-topology.mjs';
import { parseTopology } from '../../scripts/topology/read-topology.mjs';
import { DeployedNats } from './nats.fixture.js';
import { textOf } from './read-yaml.fixture.js';

describe('the NATS of a deployment', () => {
  let folder: string;
  let nats: DeployedNats;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-deploy-nats-'));
    const processes = resolveProcesses(parseTopology(textOf('topology/split.yaml')), contexts.map(manifestOf));
    makeNatsKeys({ folder, processes });
    await makeCertificates({ folder, holders: certificateHolders(processes), LocalAuthority, cluster: settings });
    nats = await DeployedNats.in(folder);
  }, 120_000);
  afterAll(async () => {
    await nats?.stop();
    rmSync(folder, { recursive: true });
  });

  const tlsOf = (name: string) => certificatePaths(path.join(folder, 'tls', name));
  const seedOf = (name: string) => readFileSync(path.join(folder, 'nats', `${name}.seed`), 'utf8');
  /** As the orders process, unless something else is said. */
  const connect = (more: Partial<NatsAddress> = {}) =>
    connectNats({
      url: nats.url,
      name: 'orders',
      inboxPrefix: inboxOf(['orders']),
      nkeySeed: seedOf('orders'),
      tls: tlsOf('orders'),
      reconnect: false,
      waitOnFirstConnect: false,
      maxReconnectAttempts: 1,
      ...more,
    });

  it('has a configuration that the real server takes', () => {
    expect(nats.test()).toEqual({ code: 0, said: expect.stringContaining('is valid') });
  });

  it('lets a process in by the certificate and the key that were made for it, and nobody without', async () => {
    await nats.start();
    const connection = await connect();
    expect(connection.info?.tls_verify).toBe(true);
    await connection.flush();
    await connection.close();

    const { caFile } = tlsOf('orders');
    const stranger = await (await LocalAuthority.make()).issueTo(path.join(folder, 'stranger'), { name: 'orders' });
    const refused = {
      'without a certificate': { tls: { caFile } },
      'with one of another authority': { tls: { ...stranger, caFile } },
      'with the key of nobody': { nkeySeed: new TextDecoder().decode(nkeys.createUser().getSeed()) },
      'when the server is not one of this authority': { tls: { ...tlsOf('orders'), caFile: stranger.caFile } },
    };
    for (const [how, change] of Object.entries(refused))
      await expect(connect(change).then(() => `let in ${how}`)).rejects.toThrow();
    const plain = await saidInPlainText(nats.port);
    expect(plain).toMatch(/^INFO .*"tls_required":true/);
    expect(plain).not.toContain('PONG');
  }, 120_000);

  it('answers to the name by which processes call it', () => {
    const certificate = new X509Certificate(readFileSync(tlsOf('nats-server').certFile));
    const { hostname } = new URL(/NATS_URL: (\S+)/.exec(textOf('docker-compose.yml'))![1]!);
    expect(certificate.checkHost(hostname)).toBe(hostname);
  });
});

/** Everything that the server says to a client that speaks no TLS, until it hangs up. */
async function saidInPlainText(port: number): Promise<string> {
  const socket = net.connect({ port, host: '127.0.0.1' });
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  socket.on('error', () => undefined);
  socket.write('CONNECT {"verbose":false}\r\nPING\r\n');
  await new Promise((resolve) => socket.once('close', resolve));
  return said;
}
