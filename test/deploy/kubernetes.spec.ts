import { manifestOf } from '@holdfast/host';
import { natsServerConfig } from '@holdfast/messaging';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { contexts } from '../../apps/contexts.js';
import { certificateHolders } from '../../scripts/deploy/certificates.mjs';
import { renderDeployment } from '../../scripts/deploy/kubernetes.mjs';
import { root } from '../../scripts/launch/app.mjs';
import { resolveProcesses } from '../../scripts/topology/check-topology.mjs';
import { parseTopology, type TopologyDeclaration } from '../../scripts/topology/read-topology.mjs';
import { danglingReferences } from './kubernetes-references.fixture.js';
import { type KubernetesObject, schemaFaults } from './kubernetes-schema.fixture.js';
import { documentsIn, textOf } from './read-yaml.fixture.js';

const manifests = contexts.map(manifestOf);
const names = manifests.map(({ name }) => name);
const split = parseTopology(textOf('topology/split.yaml'));
const monolith = parseTopology(textOf('topology/monolith.yaml'));
const grouped = parseTopology(`
name: grouped
processes:
  - { name: gateway, app: gateway }
  - { name: front, contexts: [users, catalog, notifications] }
  - { name: money, contexts: [orders, payments, checkout], replicas: 2 }
  - { name: goods, contexts: [inventory, shipping] }
`);

/** What whoever installs it brings (deploy/README.md): public keys, and settings that the shop cannot know. */
const brought = ['holdfast-nats-keys', 'holdfast-payments'];

const render = (topology: TopologyDeclaration, tls?: 'own' | 'external') =>
  renderDeployment(topology, manifests, natsServerConfig, tls);
const objectsOf = (files: Record<string, string>) =>
  Object.entries(files)
    .filter(([name]) => /^kubernetes.*\.yaml$/.test(name) && !name.endsWith('kustomization.yaml'))
    .flatMap(([, text]) => documentsIn<KubernetesObject>(text));

describe('the manifests of topology/split.yaml', () => {
  let files: Record<string, string>;
  let objects: KubernetesObject[];
  beforeAll(async () => {
    files = await render(split);
    objects = objectsOf(files);
  });
  const ofKind = (kind: string) => objects.filter((one) => one.kind === kind);

  it('are those in deploy/ (stale? npm run deploy:kubernetes -- topology/split.yaml)', () => {
    const kept = readdirSync(path.join(root, 'deploy/kubernetes/split')).map((name) => `kubernetes/split/${name}`);
    const others = ['nats/split.conf', 'observability/prometheus-split.yaml'];
    expect([...kept, ...others].sort()).toEqual(Object.keys(files).sort());
    for (const [name, text] of Object.entries(files)) expect(textOf(`deploy/${name}`)).toBe(text);
  });

  it('fit the schema of Kubernetes', () => {
    expect(objects.length).toBeGreaterThan(50);
    expect(objects.flatMap(schemaFaults)).toEqual([]);
  });

  it('refer to nothing that is not there', () => expect(danglingReferences(objects, brought)).toEqual([]));

  it('give no value to a secret', () => {
    expect(ofKind('Secret')).toEqual([]);
    const secrets = manifests.flatMap(({ needs }) => needs.secrets);
    const given = ofKind('Deployment').flatMap(
      ({ spec }) => spec.template.spec.containers[0].env as { name: string }[],
    );
    expect(given.filter(({ name }) => secrets.includes(name))).toEqual([]);
    expect(given.filter(({ name }) => name.endsWith('_FILE')).length).toBeGreaterThanOrEqual(secrets.length);
  });

  it('give each process the secrets of its contexts and of nobody else', () => {
    for (const { metadata, spec } of ofKind('Deployment')) {
      const volumes = spec.template.spec.volumes as { secret?: { secretName: string } }[];
      const names = volumes.flatMap(({ secret }) => secret?.secretName ?? []);
      const verifies = metadata.name === 'gateway' ? [] : ['holdfast-identity']; // the gateway signs, the others verify
      const own = ['nats', 'tls'].map((what) => `holdfast-${what}-${metadata.name}`);
      expect(names).toEqual([...verifies, `holdfast-${metadata.name}`, ...own]);
    }
  });

  it('give each process its own certificate, where it looks for it, to read only', () => {
    const holders = certificateHolders(resolveProcesses(split, manifests));
    const workloads = [...ofKind('Deployment'), ...ofKind('StatefulSet')];
    for (const { metadata, spec } of workloads) {
      const { containers, volumes, securityContext } = spec.template.spec as Pod;
      const holder = metadata.name === 'nats' ? 'nats-server' : metadata.name;
      expect(holders.map(({ name }) => name)).toContain(holder);
      const own = { secretName: `holdfast-tls-${holder}`, defaultMode: 0o400 };
      expect(volumes.filter(({ secret }) => secret?.secretName.startsWith('holdfast-tls'))).toEqual([
        { name: 'secrets-tls', secret: own },
      ]);
      expect(securityContext.fsGroup).toBe(1_000); // by which the process may read what is its owner's only
      const mounts = containers[0]!.volumeMounts.filter(({ name }) => name === 'secrets-tls');
      expect(mounts).toEqual([{ name: 'secrets-tls', mountPath: '/run/secrets/tls', readOnly: true }]);
    }
    expect(workloads).toHaveLength(holders.length);
    expect(ofKind('ConfigMap').find(({ metadata }) => metadata.name === 'holdfast-settings')!.data).toMatchObject({
      NATS_URL: 'tls://nats:4222',
      TLS_CERT_FILE: '/run/secrets/tls/tls.crt',
      TLS_KEY_FILE: '/run/secrets/tls/tls.key',
      TLS_CA_FILE: '/run/secrets/tls/ca.crt',
    });
  });

  it('probe a process in the way that it speaks: TLS behind the edge, which is plain HTTP', () => {
    for (const { metadata, spec } of ofKind('Deployment')) {
      const { startupProbe, readinessProbe, livenessProbe } = (spec.template.spec as Pod).containers[0]!;
      const schemes = [startupProbe, readinessProbe, livenessProbe].map(({ httpGet }) => httpGet.scheme ?? 'HTTP');
      expect([metadata.name, ...new Set(schemes)]).toEqual([
        metadata.name,
        metadata.name === 'gateway' ? 'HTTP' : 'HTTPS',
      ]);
    }
  });

  it('tell Prometheus by which name to know each process', () => {
    const [{ scrape_configs: jobs }] = documentsIn<Scrapes>(files['observability/prometheus-split.yaml']!) as [Scrapes];
    const known = jobs.map(({ scheme, tls_config, kubernetes_sd_configs: [found] }) => [
      found!.selectors[0]!.label,
      scheme ?? 'http',
      tls_config?.server_name,
    ]);
    const pod = (name: string) => `app.kubernetes.io/part-of=holdfast,app.kubernetes.io/name=${name}`;
    const behind = names.map((name) => [pod(name), 'https', name]);
    expect(known).toEqual([[pod('gateway'), 'http', undefined], ...behind]);
  });

  it('let nobody talk to anybody but along the edges of the plan', () => {
    const rulesOf = (name: string) => ofKind('NetworkPolicy').find(({ metadata }) => metadata.name === name)!.spec;
    const nothing = { podSelector: {}, policyTypes: ['Ingress', 'Egress'], ingress: [], egress: [] };
    expect(rulesOf('default-deny')).toEqual(nothing);
    const has = (rules: object, name: string) => JSON.stringify(rules).includes(`"app.kubernetes.io/name":"${name}"`);
    for (const name of names) {
      const { ingress, egress } = rulesOf(name);
      expect([...names, 'nats'].filter((other) => has(ingress, other))).toEqual([]);
      expect([...names, 'gateway'].filter((other) => has(egress, other))).toEqual([]);
      expect([has(ingress, 'gateway'), has(egress, 'nats')]).toEqual([true, true]);
      expect(JSON.stringify(egress).includes('0.0.0.0/0')).toBe(name === 'payments');
    }
    expect(JSON.stringify(rulesOf('gateway').egress)).not.toContain('5432');
  });

  it('leave a process the time it takes to drain, and run nothing as root', () => {
    for (const { kind, spec } of [...ofKind('Deployment'), ...ofKind('StatefulSet'), ...ofKind('Job')]) {
      const pod = spec.template.spec;
      expect(pod.automountServiceAccountToken).toBe(false);
      expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: 'RuntimeDefault' } });
      if (kind === 'Deployment') expect(pod.terminationGracePeriodSeconds).toBeGreaterThan(25);
      for (const { securityContext, resources } of pod.containers) {
        expect(securityContext).toMatchObject({ allowPrivilegeEscalation: false, readOnlyRootFilesystem: true });
        expect(resources).toMatchObject({ requests: expect.anything(), limits: expect.anything() });
      }
    }
  });

  it('have a headless Service for every context, and one way in', () => {
    const services = ofKind('Service').map(({ metadata, spec }) => [metadata.name, spec.clusterIP]);
    const headless = [...names, 'nats'].map((name) => [name, 'None']);
    expect(services.sort()).toEqual([...headless, ['gateway', undefined]].sort());
  });

  it('protect only what has a second replica', () => {
    expect(ofKind('PodDisruptionBudget').map(({ metadata }) => metadata.name)).toEqual(['gateway']);
  });
});

describe('the manifests of any topology', () => {
  it.each([
    ['one process', monolith, 0],
    ['a grouping', grouped, 1],
  ])('of %s are whole', async (_, topology, servers) => {
    const objects = objectsOf(await render(topology));
    expect([...objects.flatMap(schemaFaults), ...danglingReferences(objects, brought)]).toEqual([]);
    expect(objects.filter(({ kind }) => kind === 'StatefulSet')).toHaveLength(servers);
    const services = objects.filter(({ kind }) => kind === 'Service').map(({ metadata }) => metadata.name);
    if (servers > 0) expect(services).toEqual(expect.arrayContaining(names)); // the names that the gateway asks for
  });

  it('leave certificates to a mesh when they are told to', async () => {
    const files = await render(split, 'external');
    const objects = objectsOf(files);
    expect([...objects.flatMap(schemaFaults), ...danglingReferences(objects, brought)]).toEqual([]);
    const settings = objects.find(({ metadata }) => metadata.name === 'holdfast-settings')!.data!;
    expect(settings).toMatchObject({ NATS_URL: 'nats://nats:4222', TLS_EXTERNAL: 'true' });
    expect(JSON.stringify([files, objects])).not.toMatch(/TLS_CERT|holdfast-tls-|HTTPS|scheme|tls \{/);
    expect(files).not.toHaveProperty(['nats/split.conf']); // that of the compose file, which has certificates
  });

  it('are not made for one that could not run', async () => {
    const lonely = parseTopology('processes: [{ name: gateway, app: gateway }, { name: orders, contexts: [orders] }]');
    await expect(render(lonely)).rejects.toThrow('nobody');
  });
});

describe('the check of manifests', () => {
  const service = (spec: object) => ({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'x' }, spec });

  it('sees wrong types, what is missing, and what nobody knows', () => {
    expect(schemaFaults(service({ ports: [{ port: 'http' }] })).join()).toContain('must be integer');
    expect(schemaFaults(service({ ports: [{ name: 'http' }] })).join()).toContain('must have required property');
    expect(schemaFaults(service({ port: [{ port: 80 }] })).join()).toContain('nobody knows the field .spec.port');
    expect(schemaFaults({ ...service({}), apiVersion: 'v2' }).join()).toContain('there is no Service in v2');
  });

  it('sees references to nothing', async () => {
    const objects = objectsOf(await render(split));
    const without = (kind: string, name: string) =>
      danglingReferences(
        objects.filter((one) => one.kind !== kind || one.metadata.name !== name),
        brought,
      ).join();
    expect(without('ServiceAccount', 'orders')).toContain('orders: no ServiceAccount orders');
    expect(without('ConfigMap', 'holdfast-settings')).toContain('no ConfigMap holdfast-settings');
    expect(without('Service', 'gateway')).toContain('holdfast: no Service gateway');
    expect(without('Deployment', 'gateway')).toContain('Service gateway selects nothing');
  });
});

interface Probe {
  httpGet: { scheme?: string };
}
interface Pod {
  containers: {
    volumeMounts: { name: string }[];
    startupProbe: Probe;
    readinessProbe: Probe;
    livenessProbe: Probe;
  }[];
  volumes: { name: string; secret?: { secretName: string } }[];
  securityContext: { fsGroup: number };
}
interface Scrapes {
  scrape_configs: {
    scheme?: string;
    tls_config?: { server_name: string };
    kubernetes_sd_configs: { selectors: { label: string }[] }[];
  }[];
}
