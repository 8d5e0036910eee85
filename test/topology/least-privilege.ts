import { readFileSync } from 'node:fs';
import pg from 'pg';
import { readManifests } from '../../scripts/topology/read-manifests.mjs';
import type { RunningTopology } from '../../scripts/topology/start-topology.mjs';
import { eventually } from '../support/eventually.js';
import { inFull } from '../support/faults/report.js';
import { Peer } from '../support/peer.js';
import type { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';

const DENIED = '42501';
const LINUX = process.platform === 'linux' ? describe : describe.skip; // reads /proc

/** What a running process was told. */
function environmentOf(pid: number): Map<string, string> {
  const entries = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').filter(Boolean);
  return new Map(entries.map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]));
}

/** What a process of a topology is told, and what that opens: a test of the shop with one process per context. */
export function leastPrivilege(start: () => Promise<Shop>): void {
  LINUX('what a process of a topology is told, and what that opens', () => {
    let shop: Shop;
    let behind: RunningTopology;
    let secretsOf: Map<string, string[]>;
    let contexts: string[];
    const environments = new Map<string, Map<string, string>>();
    const variable = (context: string) => `${context.toUpperCase()}_DATABASE_URL`;

    beforeAll(async () => {
      shop = await start();
      behind = processesBehind(shop.url);
      const manifests = await readManifests();
      contexts = manifests.map(({ name }) => name);
      secretsOf = new Map(manifests.map(({ name, secrets = [] }) => [name, secrets]));
      for (const { name, pid } of behind.processes) environments.set(name, environmentOf(pid!));
    }, 180_000);
    afterAll(() => shop?.[Symbol.asyncDispose]());

    it('are its own secrets only', () => {
      expect([...environments.keys()].sort()).toEqual(['gateway', ...contexts].sort());
      const all = [...new Set([...secretsOf.values()].flat())];
      expect(all).toContain('ACME_API_KEY');
      for (const [name, environment] of environments) {
        const own = new Set(secretsOf.get(name) ?? []);
        for (const secret of all.filter((one) => !own.has(one)))
          expect([name, environment.get(secret)]).toEqual([name, undefined]);
        for (const other of contexts.filter((one) => one !== name))
          expect(environment.has(variable(other))).toBe(false);
        expect(environment.get('DATABASE_URL')).toBe(''); // the administrator's
        for (const key of ['PAYMENT_PROVIDER_CONTROL_KEY', 'TEST_ADMIN_DATABASE_URL'])
          expect(environment.has(key)).toBe(false);
        expect(environment.get('NATS_NKEY_SEED_FILE')).toMatch(new RegExp(`/${name}\\.seed$`));
        expect(environment.get('TLS_KEY_FILE')).toMatch(new RegExp(`/${name}/tls\\.key$`));
      }
      expect(environments.get('payments')!.get('ACME_API_KEY')).toBe(shop.env.ACME_API_KEY);
      const values = ['ACME_API_KEY', 'ACME_WEBHOOK_SECRET', 'GLOBEX_API_KEY', 'GLOBEX_WEBHOOK_SECRET'].map(
        (one) => shop.env[one]!,
      );
      for (const [name, environment] of environments)
        if (name !== 'payments') for (const value of environment.values()) expect(values).not.toContain(value);
    });

    it('are the key of internal tokens, if it is the gateway', () => {
      for (const [name, environment] of environments) {
        const holds = ['INTERNAL_TOKEN_KEY', 'INTERNAL_TOKEN_KEY_FILE'].some((key) => environment.get(key));
        expect({ name, holds }).toEqual({ name, holds: name === 'gateway' });
      }
    });

    it('opens its own schema and no other', async () => {
      const breaches: string[] = [];
      for (const context of contexts) {
        const client = new pg.Client({ connectionString: environments.get(context)!.get(variable(context))! });
        await client.connect();
        const tried = (sql: string) =>
          client.query(sql).then(
            () => 'allowed',
            (error: pg.DatabaseError) => error.code,
          );
        for (const schema of contexts) {
          const attempts = [
            `select from ${schema}.outbox`,
            `insert into ${schema}.leadership values ('x', 1)`,
            `update ${schema}.inbox set attempts = 0`,
            `delete from ${schema}.inbox`,
            `create table ${schema}.mine (i int)`,
            `drop table ${schema}.outbox`,
            `set role ${schema}_owner`,
          ];
          const foreign = schema === context ? attempts.slice(4) : [...attempts, `set role ${schema}_app`];
          for (const sql of foreign) {
            const code = await tried(sql);
            if (code !== DENIED) breaches.push(`${context}: ${sql} → ${code}`);
          }
        }
        for (const sql of [
          'create schema mine',
          'create table public.mine (i int)',
          `copy (select 1) to program 'cat'`,
        ])
          if ((await tried(sql)) !== DENIED) breaches.push(`${context}: ${sql}`);
        expect(await tried(`select from ${context}.outbox`)).toBe('allowed');
        await client.end();
      }
      expect(breaches).toEqual([]);
    }, 180_000);

    it('lets the gateway in, and an orchestrator with its probes, and nobody else', async () => {
      const paths = behind.certificates!.pathsOf('gateway');
      const peers = {
        gateway: new Peer(paths),
        neighbour: new Peer(behind.certificates!.pathsOf('catalog')),
        stranger: new Peer({ caFile: paths.caFile }),
      };
      for (const [url] of Object.values(behind.targets)) {
        const route = `${url}/api/v1/orders`;
        expect((await peers.stranger.get(route)).status).toBe(403);
        expect((await peers.neighbour.get(route)).status).toBe(403);
        expect((await peers.gateway.get(route)).status).not.toBe(403);
        for (const probe of ['/livez', '/readyz', '/metrics'])
          expect((await peers.stranger.get(`${url}${probe}`)).status).toBe(200);
        await expect(fetch(`${url}/livez`)).rejects.toThrow(); // not signed by anybody this test's runtime trusts
        await expect(fetch(`${url!.replace('https', 'http')}/livez`)).rejects.toThrow();
      }
      await Promise.all(Object.values(peers).map((peer) => peer.close()));
    });

    it('is renewed under load without a single error', async () => {
      const rounds = inFull ? 10 : 2;
      const before = await served();
      const over = new AbortController();
      const statuses: number[] = [];
      const customer = async () => {
        while (!over.signal.aborted) statuses.push((await shop.get('/api/v1/products?limit=1')).status);
      };
      const load = Array.from({ length: 6 }, customer);
      const seen = new Set([before]);
      for (let round = 0; round < rounds; round++) {
        const soFar = statuses.length;
        await behind.certificates!.renew();
        // What is new is served to new connections; the gateway's open ones go on until it is told to make others.
        await eventually(async () => !seen.has(await served()), { what: 'the new certificate is served' });
        seen.add(await served());
        await eventually(() => statuses.length > soFar + 30, { what: 'requests went on' });
      }
      over.abort();
      await Promise.all(load);
      expect(statuses.filter((status) => status !== 200)).toEqual([]);
      expect(seen.size).toBe(rounds + 1);
      const ada = await shop.customer(); // everything still works, over connections old and new
      const { id } = await ada.placeOrder({ sku: 'TEA-002' });
      await shop.quiet();
      expect(await ada.order(id)).toMatchObject({ status: 'completed' });
    }, 180_000);

    /** The serial number that the catalog shows to a new connection. */
    async function served(): Promise<string> {
      const { port } = new URL(behind.targets.catalog![0]!);
      const { connect } = await import('node:tls');
      const ca = readFileSync(behind.certificates!.caFile);
      return new Promise((resolve, reject) => {
        const socket = connect({ port: Number(port), host: '127.0.0.1', ca }, () => {
          resolve(socket.getPeerX509Certificate()!.serialNumber);
          socket.destroy();
        });
        socket.once('error', reject);
      });
    }
  });
}
