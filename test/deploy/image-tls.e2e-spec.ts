import { roleUrl } from '@holdfast/database';
import { LocalAuthority, certificatePaths } from '@holdfast/security';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { connect, type TLSSocket } from 'node:tls';
import { freePort } from '../../scripts/launch/ports.mjs';
import { certificateHolders, makeCertificates } from '../../scripts/deploy/certificates.mjs';
import { settings } from '../../scripts/deploy/kubernetes/settings.mjs';
import { makeNatsKeys, makeSecrets, makeTokenKeys } from '../../scripts/deploy/secrets.mjs';
import { tlsSettings } from '../../scripts/topology/certificates.mjs';
import { resolveProcesses } from '../../scripts/topology/check-topology.mjs';
import { readManifests } from '../../scripts/topology/read-manifests.mjs';
import { parseTopology } from '../../scripts/topology/read-topology.mjs';
import { adminUrl, dropDatabase, emptyDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { NameServer } from '../support/name-server.js';
import { ended, healthcheck, runImage } from './image.fixture.js';
import { DeployedNats } from './nats.fixture.js';
import { textOf } from './read-yaml.fixture.js';

/** Where DNS says that the catalog is; in no certificate, as the address of a pod is in none. */
const POD = '127.0.0.11';

const LINUX = process.platform === 'linux' ? describe : describe.skip; // where 127.0.0.11 is this machine

/** Processes as the image starts them, with the secrets, the NATS and the settings of a deployment. */
LINUX('processes of the image behind a gateway', () => {
  let folder: string;
  let database: string;
  let names: NameServer;
  let nats: DeployedNats;
  let ports: { catalog: number; gateway: number };
  const running = new Map<string, ChildProcess>();

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-image-tls-'));
    database = await emptyDatabase();
    ports = { catalog: await freePort(), gateway: await freePort() };
    const manifests = await readManifests();
    const processes = resolveProcesses(parseTopology(textOf('topology/split.yaml')), manifests);
    makeSecrets({ folder, manifests, roleUrl, databaseUrl: adminUrl(database) });
    makeNatsKeys({ folder, processes });
    makeTokenKeys({ folder });
    await makeCertificates({ folder, holders: certificateHolders(processes), LocalAuthority, cluster: settings });
    names = await NameServer.start();
    nats = await DeployedNats.in(folder);
    expect(await ended(runImage('migrate', { DATABASE_URL_FILE: secret('database/DATABASE_URL') }))).toBe(0);
  }, 300_000);
  afterAll(async () => {
    const codes = [await end('gateway'), await end('catalog')];
    await nats?.stop();
    await names?.stop();
    await dropDatabase(database);
    rmSync(folder, { recursive: true });
    expect(codes).toEqual([0, 0]); // both drained
  }, 300_000);

  const secret = (name: string) => path.join(folder, name);
  const tlsOf = (name: string) => certificatePaths(secret(path.join('tls', name)));
  const end = (app: string) => {
    const process = running.get(app);
    process?.kill('SIGTERM');
    return process && ended(process);
  };
  const start = async (app: string, port: number, more: Record<string, string>) => {
    await end(app); // of a test that is tried again
    const env = {
      PORT: String(port),
      LOG_LEVEL: 'warn',
      NATS_URL: nats.url,
      NATS_NKEY_SEED_FILE: secret(`nats/${app}.seed`),
      ...tlsSettings(tlsOf(app)),
      ...more,
    };
    running.set(app, runImage(app, env, 'inherit'));
    return env;
  };

  it('answer a kubelet over TLS from their first moments, and NATS and the gateway when these are there', async () => {
    await nats.stop();
    const env = await start('catalog', ports.catalog, {
      CATALOG_DATABASE_URL_FILE: secret('catalog/CATALOG_DATABASE_URL'),
      INTERNAL_TOKEN_PUBLIC_KEYS_FILE: secret('identity/INTERNAL_TOKEN_PUBLIC_KEYS'),
    });
    const kubelet = (route: string) => probe(route, { port: ports.catalog, rejectUnauthorized: false });
    // NATS is not there yet: it waits in public, and speaks as it will.
    await eventually(async () => (await kubelet('/livez'))?.status === 200, { what: 'it is alive', withinMs: 120_000 });
    expect(await kubelet('/startupz')).toEqual({ status: 503, text: expect.stringContaining('waiting for NATS') });
    expect(await healthcheck(env)).toBe(1);

    await nats.start();
    await eventually(async () => (await kubelet('/startupz'))?.status === 200, {
      what: 'it started',
      withinMs: 120_000,
    });
    for (const route of ['/livez', '/readyz']) expect((await kubelet(route))?.status).toBe(200);
    expect(await healthcheck(env)).toBe(0);
  }, 300_000);

  it('are scraped by who knows their authority and their name, and tell a stranger nothing else', async () => {
    const { caFile } = tlsOf('catalog');
    const prometheus = { port: ports.catalog, ca: readFileSync(caFile), servername: 'catalog' };
    expect(await probe('/metrics', prometheus)).toEqual({ status: 200, text: expect.stringContaining('# TYPE ') });
    expect(await probe('/metrics', { ...prometheus, servername: 'orders' })).toBeUndefined(); // it is not that one
    expect((await probe('/api/v1/products', prometheus))?.status).toBe(403);
  });

  it('are found by DNS and known by the names in their certificates, whatever their address', async () => {
    names.a('catalog', POD);
    names.a('orders', POD); // somebody who is none of the orders' processes answers there
    const env = await start('gateway', ports.gateway, {
      INTERNAL_TOKEN_KEY_FILE: secret('gateway/INTERNAL_TOKEN_KEY'),
      DISCOVERY: 'dns',
      DISCOVERY_DNS_NAME: '{service}',
      DISCOVERY_DNS_PORT: String(ports.catalog),
      DISCOVERY_DNS_SERVERS: names.address,
      DISCOVERY_DNS_EVERY_MS: '50',
      GATEWAY_START_WAIT_MS: '0', // nobody else will come
    });
    const ask = async (route: string) => {
      const answer = await fetch(`http://127.0.0.1:${ports.gateway}${route}`).catch(() => undefined);
      return answer && { status: answer.status, body: (await answer.json()) as Answer };
    };
    const targets = async () => (await ask('/healthz'))?.body.details?.['catalog.targets'];
    await eventually(async () => String((await targets())?.states) === 'away', {
      what: 'the gateway does not believe who is there',
      withinMs: 120_000,
    });
    expect((await ask('/api/v1/products'))?.status).toBe(503);
    names.a('orders');
    await eventually(async () => (await targets())?.status === 'up', { what: 'it does now', withinMs: 120_000 });
    const products = await ask('/api/v1/products');
    expect([products!.status, products!.body.items?.length]).toEqual([200, 20]);
    expect(await healthcheck(env)).toBe(0); // the edge is plain HTTP, though it has a certificate
  }, 300_000);
});

/** A GET over TLS without a certificate of one's own; undefined when there is no connection. */
async function probe(route: string, options: object): Promise<{ status: number; text: string } | undefined> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', ...options });
  let text = '';
  socket.setEncoding('utf8').on('data', (part: string) => (text += part));
  const failed = new Promise<undefined>((resolve) => socket.once('error', () => resolve(undefined)));
  socket.once('secureConnect', () => socket.write(`GET ${route} HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n`));
  const over = new Promise<string>((resolve) => socket.once('end', () => resolve(text)));
  const answer = await Promise.race([over, failed]);
  socket.destroy();
  return answer === undefined ? undefined : { status: Number(answer.split(' ', 2)[1]), text: answer };
}

interface Answer {
  items?: object[];
  details?: Record<string, { status: string; states?: string[] }>;
}
