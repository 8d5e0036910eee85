import { CertificateFiles, LocalAuthority } from '@holdfast/security';
import { fastify, type FastifyInstance } from 'fastify';
import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { AddressInfo } from 'node:net';
import type { TLSSocket } from 'node:tls';
import { Pool } from 'undici';
import { demandClients, tlsServerOptions } from '../http/mutual-tls.js';
import { upstreamConnector } from './upstream-tls.js';

const LINUX = process.platform === 'linux' ? it : it.skip; // every address of 127.0.0.0/8 is this machine's

let folder: string;
let authority: LocalAuthority;
let server: FastifyInstance;
let url: string;
const open: { close(): unknown }[] = [];

beforeEach(async () => {
  folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-upstream-'));
  authority = await LocalAuthority.make();
  const tls = { files: await filesOf('orders'), clients: ['gateway'] };
  server = fastify({ https: tlsServerOptions(tls), forceCloseConnections: true }) as unknown as FastifyInstance;
  demandClients(server, tls, new Set(['/livez']));
  const serial = (request: { raw: { socket: unknown } }) =>
    (request.raw.socket as TLSSocket).getPeerX509Certificate()?.serialNumber ?? 'nobody';
  server.get('/serial', async (request, reply) => reply.header('connection', 'close').send(serial(request)));
  server.get('/livez', async () => 'alive');
  await server.listen({ port: 0, host: '0.0.0.0' });
  url = `https://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
  await server.close();
  rmSync(folder, { recursive: true });
});

async function filesOf(name: string): Promise<CertificateFiles> {
  const files = new CertificateFiles({
    ...(await authority.issueTo(path.join(folder, name), { name, hosts: [name] })),
    lookEveryMs: 20,
  });
  open.push(files);
  return files;
}

function poolOf(files: CertificateFiles, at = url, servicesAt?: (origin: string) => readonly string[]): Pool {
  const pool = new Pool(at, { connections: 4, connect: upstreamConnector(files, 5_000, servicesAt) });
  open.push(pool);
  return pool;
}

async function ask(pool: Pool, path: string): Promise<{ status: number; text: string }> {
  const { statusCode, body } = await pool.request({ path, method: 'GET' });
  return { status: statusCode, text: await body.text() };
}

describe('a gateway and a process behind it', () => {
  it('know each other by their certificates', async () => {
    const gateway = poolOf(await filesOf('gateway'));
    expect((await ask(gateway, '/serial')).status).toBe(200);
    const neighbour = poolOf(await filesOf('catalog'));
    const refused = await ask(neighbour, '/serial');
    expect(refused.status).toBe(403);
    expect(refused.text).toContain('This process answers gateway only, not spiffe://holdfast.local/catalog.');
    expect(await ask(neighbour, '/livez')).toEqual({ status: 200, text: 'alive' });
    authority = await LocalAuthority.make();
    await expect(ask(poolOf(await filesOf('gateway-of-others')), '/livez')).rejects.toThrow(/certificate/);
  });

  LINUX('know each other at an address that is in no certificate, by all that is answered there', async () => {
    const elsewhere = url.replace('127.0.0.1', '127.0.0.11');
    const asked: string[] = [];
    const knowing = async (...services: string[]) =>
      poolOf(await filesOf('gateway'), elsewhere, (origin) => (asked.push(origin), services));
    expect(await ask(await knowing('orders'), '/livez')).toEqual({ status: 200, text: 'alive' });
    expect(asked).toEqual([elsewhere]);
    for (const services of [[], ['payments'], ['orders', 'payments']])
      await expect(ask(await knowing(...services), '/livez')).rejects.toThrow(/does not match certificate/);
  });

  it('renew theirs under load, without an error, and use the new ones', async () => {
    const files = await filesOf('gateway');
    const pool = poolOf(files);
    const serials = new Set<string>();
    const statuses = new Set<number>();
    const over = new AbortController();
    const load = Array.from({ length: 4 }, async () => {
      while (!over.signal.aborted) {
        const { status, text } = await ask(pool, '/serial'); // a connection each: it says close
        statuses.add(status);
        serials.add(text);
      }
    });
    for (let round = 0; round < 5; round++) {
      const taken = new Promise((resolve) => files.onChange(resolve));
      await Promise.all(['gateway', 'orders'].map((name) => authority.issueTo(path.join(folder, name), { name })));
      await taken;
      const known = serials.size;
      while (serials.size === known)
        await Promise.race([ask(pool, '/serial').then(({ text }) => serials.add(text)), ...load]);
    }
    over.abort();
    await Promise.all(load);
    expect([...statuses]).toEqual([200]);
    expect(serials.size).toBeGreaterThanOrEqual(6);
  }, 60_000);
});
