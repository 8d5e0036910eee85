import { roleUrl } from '@holdfast/database';
import { manifestOf } from '@holdfast/host';
import { natsServerConfig } from '@holdfast/messaging';
import { LocalAuthority } from '@holdfast/security';
import { X509Certificate } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { contexts } from '../../apps/contexts.js';
import { certificateHolders, makeCertificates } from '../../scripts/deploy/certificates.mjs';
import { renderDeployment } from '../../scripts/deploy/kubernetes.mjs';
import { settings } from '../../scripts/deploy/kubernetes/settings.mjs';
import { kubernetesCommands, makeNatsKeys, makeSecrets, makeTokenKeys } from '../../scripts/deploy/secrets.mjs';
import { resolveProcesses } from '../../scripts/topology/check-topology.mjs';
import { parseTopology } from '../../scripts/topology/read-topology.mjs';
import type { ComposeFile } from './compose.fixture.js';
import type { KubernetesObject } from './kubernetes-schema.fixture.js';
import { documentsIn, textOf, yamlOf } from './read-yaml.fixture.js';

const manifests = contexts.map(manifestOf);
const split = parseTopology(textOf('topology/split.yaml'));
const processes = resolveProcesses(split, manifests);
const holders = certificateHolders(processes);
const INGRESS = 'holdfast-tls'; // of the name that customers call: the cluster's own

describe('what npm run deploy:secrets makes', () => {
  let folder: string;
  let owners: string[];
  beforeAll(async () => {
    folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-deploy-secrets-'));
    owners = makeSecrets({ folder, manifests, roleUrl }).owners;
    makeNatsKeys({ folder, processes });
    makeTokenKeys({ folder });
    await makeCertificates({ folder, holders, LocalAuthority, cluster: settings });
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const made = (file: string) => existsSync(path.join(folder, path.relative('deploy/secrets', file)));

  it('is every file that the compose file mounts', () => {
    const { secrets, services } = yamlOf<ComposeFile>('docker-compose.yml');
    const read = Object.values(services).flatMap(({ env_file = [] }) => env_file);
    const files = [...Object.values(secrets).map(({ file }) => file), ...read];
    expect(files.filter((file) => !made(file))).toEqual([]);
    expect(files.length).toBeGreaterThan(40);
  });

  it('is not for two databases: another one is refused, with what to delete', () => {
    const databaseUrl = 'postgres://admin:x@elsewhere/holdfast';
    const read = (file: string) => readFileSync(path.join(folder, file), 'utf8');
    const [admin, role] = ['database/DATABASE_URL', 'orders/ORDERS_DATABASE_URL'].map(read);
    expect(() => makeSecrets({ folder, manifests, roleUrl, databaseUrl })).toThrow(
      `rm ${folder}/database/DATABASE_URL ${folder}/*/*_DATABASE_URL`,
    );
    expect([read('database/DATABASE_URL'), read('orders/ORDERS_DATABASE_URL')]).toEqual([admin, role]);
    expect(makeSecrets({ folder, manifests, roleUrl, databaseUrl: admin!.trim() }).made).toEqual([]);
  });

  it('is every Secret that the manifests mount, with every file that a process is told to read', async () => {
    const sources = new Map(
      kubernetesCommands(owners, processes, holders).map((command) => {
        const [, name, what] = /create secret generic (\S+) (.*)/.exec(command) ?? [];
        return [name, /--from-file=(\S+)$/.exec(what ?? '')?.[1]];
      }),
    );
    const files = await renderDeployment(split, manifests, natsServerConfig);
    const objects = Object.entries(files)
      .filter(([name]) => name.startsWith('kubernetes/') && !name.endsWith('kustomization.yaml'))
      .flatMap(([, text]) => documentsIn<KubernetesObject>(text));
    const common = objects.find(({ metadata }) => metadata.name === 'holdfast-settings')!.data!;
    const pods = objects.flatMap(({ kind, spec }) => (kind === 'Ingress' ? [] : (spec?.template?.spec ?? []))) as Pod[];
    const wanting: string[] = [];
    for (const { volumes = [], containers } of pods) {
      const { name, env = [], envFrom = [], volumeMounts = [] } = containers[0]!;
      const known = volumes.flatMap(({ name: volume, secret }) =>
        secret ? [{ secret: secret.secretName, at: volumeMounts.find((one) => one.name === volume)!.mountPath }] : [],
      );
      const told = [...env, ...(envFrom.length > 0 ? Object.entries(common).map(pair) : [])];
      for (const { name: variable, value = '' } of told.filter((one) => one.name.endsWith('_FILE'))) {
        const place = known.find(({ at }) => value.startsWith(`${at}/`));
        const source = place && sources.get(place.secret);
        const file = source && path.posix.basename(value);
        if (!file || !filesOf(source).includes(file)) wanting.push(`${name}: ${variable}`);
      }
      wanting.push(...known.filter(({ secret }) => !sources.has(secret)).map(({ secret }) => `${name}: ${secret}`));
    }
    expect(wanting).toEqual([]);
    expect(pods.length).toBe(processes.length + 2); // migrate and nats
    expect([...sources.keys()]).not.toContain(INGRESS);
  });

  it('is what the README asks of cert-manager in its place', () => {
    const example = /### Certificates by cert-manager.*?```yaml\n(.*?)```/s.exec(textOf('deploy/README.md'))![1]!;
    const [{ spec }] = documentsIn<KubernetesObject>(example) as [KubernetesObject];
    const { subjectAltName } = new X509Certificate(readFileSync(path.join(folder, 'tls/orders/tls.crt')));
    const here = /^(?:DNS:localhost|IP Address:)/;
    const names = subjectAltName!.split(', ').filter((name) => !here.test(name));
    const { uris, dnsNames, secretName } = spec as { uris: string[]; dnsNames: string[]; secretName: string };
    expect([...uris.map((uri) => `URI:${uri}`), ...dnsNames.map((name) => `DNS:${name}`)]).toEqual(names);
    expect(kubernetesCommands(owners, processes, holders).join()).toContain(`${secretName} --type=kubernetes.io/tls`);
  });

  /** What `--from-file` of kubectl takes: a folder with all that is in it, or `name=file`. */
  function filesOf(source: string): string[] {
    const [key, file] = source.split('=');
    if (file) return made(file) ? [key!] : [];
    return readdirSync(path.join(folder, path.relative('deploy/secrets', source)));
  }
});

const pair = ([name, value]: [string, string]) => ({ name, value });

interface Pod {
  volumes?: { name: string; secret?: { secretName: string } }[];
  containers: {
    name: string;
    env?: { name: string; value?: string }[];
    envFrom?: object[];
    volumeMounts?: { name: string; mountPath: string }[];
  }[];
}
