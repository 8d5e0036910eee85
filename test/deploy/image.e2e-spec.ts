import { roleUrl } from '@holdfast/database';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { freePort } from '../../scripts/launch/ports.mjs';
import { makeSecrets } from '../../scripts/deploy/secrets.mjs';
import { root } from '../../scripts/launch/app.mjs';
import { readManifests } from '../../scripts/topology/read-manifests.mjs';
import { adminUrl, dropDatabase, emptyDatabase } from '../support/databases.js';
import { eventually } from '../support/eventually.js';
import { ended, healthcheck, runImage } from './image.fixture.js';

describe('the image', () => {
  let folder: string;
  let database: string;
  let port: number;
  let files: Record<string, string>;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-secrets-'));
    database = await emptyDatabase();
    port = await freePort();
    const manifests = await readManifests();
    const all = { folder, manifests, roleUrl, databaseUrl: adminUrl(database) };
    expect(makeSecrets(all).made.length).toBeGreaterThan(15);
    expect(makeSecrets(all).made).toEqual([]); // what is there stays
    files = Object.fromEntries(
      manifests.flatMap(({ name }) =>
        readdirSync(path.join(folder, name)).map((variable) => [`${variable}_FILE`, path.join(folder, name, variable)]),
      ),
    );
  }, 120_000);
  afterAll(async () => {
    await dropDatabase(database);
    rmSync(folder, { recursive: true });
  });

  it('migrates as the administrator, then sells as production with the roles of the contexts, and is well', async () => {
    expect(await ended(runImage('migrate', { DATABASE_URL_FILE: path.join(folder, 'database/DATABASE_URL') }))).toBe(0);
    const nobody = { ACME_URL: 'http://127.0.0.1:9/acme', GLOBEX_URL: 'http://127.0.0.1:9/globex' };
    const shop = runImage('monolith', { ...files, ...nobody, PORT: String(port), LOG_LEVEL: 'warn' });
    try {
      const isReady = async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).status === 200;
      await eventually(() => isReady().catch(() => false), { what: 'the shop is ready', withinMs: 120_000 });
      expect(await healthcheck({ PORT: String(port) })).toBe(0);
      const products = await fetch(`http://127.0.0.1:${port}/api/v1/products`);
      expect(((await products.json()) as { items: object[] }).items).toHaveLength(20);
      const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      expect(unknownMetrics(metrics)).toEqual([]);
    } finally {
      shop.kill('SIGTERM');
      await ended(shop);
    }
    expect([shop.exitCode, await healthcheck({ PORT: String(port) })]).toEqual([0, 1]);
  }, 300_000);

  it('names its apps when asked for one that is not there', async () => {
    const dragon = runImage('dragons', {}, 'pipe');
    let said = '';
    dragon.stderr!.setEncoding('utf8').on('data', (text: string) => (said += text));
    expect(await ended(dragon)).toBe(64);
    expect(said).toMatch(/no app dragons.*gateway.*migrate/);
  });
});

interface Panel {
  targets?: { expr: string }[];
}

/** Names in the dashboard's expressions that the shop does not export. */
function unknownMetrics(metrics: string): string[] {
  const exported = new Set(
    [...metrics.matchAll(/^# TYPE (\S+) (\S+)/gm)].flatMap(([, name, type]) => seriesOf(name!, type!)),
  );
  const file = path.join(root, 'deploy/observability/grafana/dashboards/holdfast.json');
  const { panels } = JSON.parse(readFileSync(file, 'utf8')) as { panels: Panel[] };
  const used = panels.flatMap(({ targets = [] }) => targets.flatMap(({ expr }) => namesIn(expr)));
  expect(new Set(used).size).toBeGreaterThan(10);
  return [...new Set(used)].filter((name) => name !== 'up' && !exported.has(name)); // `up` is Prometheus's own
}

const seriesOf = (name: string, type: string) =>
  type === 'histogram' ? [`${name}_bucket`, `${name}_count`, `${name}_sum`] : [name];

/** Words that are neither functions, nor labels, nor keywords. */
function namesIn(expression: string): string[] {
  const bare = expression.replaceAll(/\{[^}]*\}|\[[^\]]*\]|\b(by|without) *\([^)]*\)/g, ' ');
  return [...bare.matchAll(/[a-z_][a-z0-9_]*\b(?! *\()/g)].map(([name]) => name).filter((name) => name !== 'or');
}
