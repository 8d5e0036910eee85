// One process of a topology: Deployment, Service, ServiceAccount, and what scales and protects it.
import { createHash } from 'node:crypto';
import { containerSecurity, labelsOf, metadata, podSecurity, settings } from './settings.mjs';

const { port } = settings;

/** @returns {object[]} */
export function workloadOf(process, plan) {
  const { name, contexts, edge, replicas } = process;
  return [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: metadata(name, name), automountServiceAccountToken: false },
    deploymentOf(process, plan),
    ...(edge ? [edgeServiceOf(name)] : contexts.map((context) => contextServiceOf(context, name))),
    ...(replicas.max > replicas.min ? [autoscalerOf(name, replicas)] : []),
    // One that may not be missing must have a second: with a single replica a budget would only forbid maintenance.
    ...(replicas.min > 1 ? [budgetOf(name)] : []),
  ];
}

function deploymentOf(process, plan) {
  const { name, replicas } = process;
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, name),
    spec: {
      ...(replicas.max === replicas.min && { replicas: replicas.min }), // else the autoscaler's
      revisionHistoryLimit: 3,
      selector: { matchLabels: labelsOf(name) },
      // Two replicas of a context are safe beside each other: one carries its outbox, one takes in.
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
      template: {
        metadata: { labels: labelsOf(name), annotations: { 'holdfast/settings': digest(plan.config) } },
        spec: podOf(process, plan),
      },
    },
  };
}

function podOf(process, plan) {
  const { name } = process;
  const secrets = secretsOf(process, plan).map(({ volume }) => volume);
  return {
    serviceAccountName: name,
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: settings.terminationGraceSeconds,
    securityContext: podSecurity,
    topologySpreadConstraints: ['kubernetes.io/hostname', 'topology.kubernetes.io/zone'].map((topologyKey) => ({
      maxSkew: 1,
      topologyKey,
      whenUnsatisfiable: 'ScheduleAnyway',
      labelSelector: { matchLabels: labelsOf(name) },
    })),
    containers: [containerOf(process, plan)],
    volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '64Mi' } }, ...secrets],
  };
}

function containerOf(process, plan) {
  const { name, app, contexts, edge } = process;
  // A kubelet has no certificate and judges none: probes and metrics are answered to everybody whom the network lets in.
  const get = { port: 'http', ...(plan.tls && !edge && { scheme: 'HTTPS' }) };
  const probe = (path, more) => ({ httpGet: { path, ...get }, timeoutSeconds: 2, ...more });
  return {
    name,
    image: settings.image,
    args: [app],
    ports: [{ name: 'http', containerPort: port }],
    envFrom: [{ configMapRef: { name: 'holdfast-settings' } }],
    env: environmentOf(process, plan),
    startupProbe: probe('/startupz', { periodSeconds: 1, failureThreshold: 120 }),
    readinessProbe: probe('/readyz', { periodSeconds: 2, failureThreshold: 2 }),
    livenessProbe: probe('/livez', { periodSeconds: 5, failureThreshold: 3 }),
    // No limit on CPU: it would slow a process down while its node idles. Memory beyond the limit is a leak.
    resources: {
      requests: { cpu: '250m', memory: `${128 + 32 * Math.max(1, contexts.length)}Mi` },
      limits: { memory: `${384 + 64 * Math.max(1, contexts.length)}Mi` },
    },
    securityContext: containerSecurity,
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...secretsOf(process, plan).map(({ mount }) => mount)],
  };
}

/** Secrets come as files, settings that the shop cannot know from a ConfigMap of the same name. */
function environmentOf({ name, app, contexts }, { manifests, nats }) {
  const needs = manifests.filter((one) => contexts.includes(one.name)).map((one) => [one.name, one.needs]);
  return [
    { name: 'PORT', value: String(port) },
    { name: 'HOLDFAST_PROCESS', value: name },
    ...(contexts.length > 0 ? [{ name: 'CONTEXTS', value: contexts.join(',') }] : []),
    ...(nats ? [{ name: 'NATS_NKEY_SEED_FILE', value: '/run/secrets/nats/seed' }] : []),
    ...(nats ? [tokenKeyOf(app)] : []),
    ...(app === 'gateway' ? discovery : []),
    ...needs.flatMap(([context, { secrets }]) =>
      secrets.map((variable) => ({ name: `${variable}_FILE`, value: `/run/secrets/${context}/${variable}` })),
    ),
    ...needs.flatMap(([context, { settings: unknown }]) =>
      unknown.map((variable) => ({
        name: variable,
        valueFrom: { configMapKeyRef: { name: `holdfast-${context}`, key: variable } },
      })),
    ),
  ];
}

/** The gateway signs internal tokens; the others can only verify them. */
const tokenKeyOf = (app) =>
  app === 'gateway'
    ? { name: 'INTERNAL_TOKEN_KEY_FILE', value: '/run/secrets/gateway/INTERNAL_TOKEN_KEY' }
    : { name: 'INTERNAL_TOKEN_PUBLIC_KEYS_FILE', value: '/run/secrets/identity/INTERNAL_TOKEN_PUBLIC_KEYS' };

const secretsOf = ({ name, app, contexts }, { nats, tls }) => [
  ...(nats ? [mountedSecret(app === 'gateway' ? 'gateway' : 'identity')] : []),
  ...contexts.map((context) => mountedSecret(context)),
  ...(nats ? [mountedSecret('nats', `holdfast-nats-${name}`)] : []),
  ...(tls ? [mountedCertificate(name)] : []),
];

/** A Secret as files below /run/secrets, readable by the process's group only. */
export const mountedSecret = (owner, secretName = `holdfast-${owner}`) => ({
  volume: { name: `secrets-${owner}`, secret: { secretName, defaultMode: 0o440 } },
  mount: { name: `secrets-${owner}`, mountPath: `/run/secrets/${owner}`, readOnly: true },
});

/** For its owner only; `fsGroup` adds the group of the process. */
export function mountedCertificate(name) {
  const { volume, mount } = mountedSecret('tls', `holdfast-tls-${name}`);
  return { volume: { ...volume, secret: { ...volume.secret, defaultMode: 0o400 } }, mount };
}

/** Asked by its whole name: nobody appends a search domain here. */
const discovery = [
  { name: 'DISCOVERY', value: 'dns' },
  { name: 'DISCOVERY_DNS_NAME', value: `{service}.${settings.namespace}.svc.${settings.clusterDomain}` },
  { name: 'DISCOVERY_DNS_PORT', value: String(port) },
  { name: 'DISCOVERY_DNS_EVERY_MS', value: '2000' }, // within the time that a leaving process still answers
];

const service = (name, process, spec) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: metadata(name, process),
  spec: { ...spec, selector: labelsOf(process), ports: [{ name: 'http', port, targetPort: 'http' }] },
});

const edgeServiceOf = (process) => service(process, process, { type: 'ClusterIP' });

/** Headless, by the context's name whatever process runs it: the gateway finds every replica by DNS and chooses itself. */
const contextServiceOf = (context, process) => service(context, process, { clusterIP: 'None' });

function autoscalerOf(name, { min, max }) {
  return {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: metadata(name, name),
    spec: {
      scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name },
      minReplicas: min,
      maxReplicas: max,
      metrics: [
        { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
      ],
      behavior: { scaleDown: { stabilizationWindowSeconds: 300 } },
    },
  };
}

function budgetOf(name) {
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: metadata(name, name),
    spec: { maxUnavailable: 1, selector: { matchLabels: labelsOf(name) } },
  };
}

const digest = (config) => createHash('sha256').update(JSON.stringify(config)).digest('hex').slice(0, 16);
