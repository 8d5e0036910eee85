// What the processes of a topology stand on: the namespace, common settings, migrations, NATS, the way in.
import { containerSecurity, labelsOf, metadata, podSecurity, settings } from './settings.mjs';
import { mountedCertificate, mountedSecret } from './workload.mjs';

export const namespace = () => ({
  apiVersion: 'v1',
  kind: 'Namespace',
  metadata: {
    name: settings.namespace,
    labels: { ...labelsOf(), 'pod-security.kubernetes.io/enforce': 'restricted' },
  },
});

export const commonSettings = ({ config }) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: metadata('holdfast-settings'),
  data: config,
});

/** The only one that is told an administrator's URL. Processes refuse to start on a schema older than they are. */
export function migration() {
  const secret = mountedSecret('database');
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadata('migrate', 'migrate'),
      automountServiceAccountToken: false,
    },
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: metadata('migrate', 'migrate'),
      spec: {
        backoffLimit: 10,
        ttlSecondsAfterFinished: 600,
        template: {
          metadata: { labels: labelsOf('migrate') },
          spec: {
            serviceAccountName: 'migrate',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            restartPolicy: 'OnFailure',
            securityContext: podSecurity,
            containers: [
              {
                name: 'migrate',
                image: settings.image,
                args: ['migrate'],
                env: [{ name: 'DATABASE_URL_FILE', value: '/run/secrets/database/DATABASE_URL' }],
                resources: { requests: { cpu: '100m', memory: '128Mi' }, limits: { memory: '256Mi' } },
                securityContext: containerSecurity,
                volumeMounts: [secret.mount],
              },
            ],
            volumes: [secret.volume],
          },
        },
      },
    },
  ];
}

/**
 * One server: what it may lose, the outboxes send again. For more, run a cluster of your own and point NATS_URL at it.
 * @param {string} serverConfig
 * @param {{ tls: boolean }} plan
 */
export function nats(serverConfig, { tls }) {
  const { image, port, storage } = settings.nats;
  const certificates = tls ? [mountedCertificate('nats-server')] : [];
  const probe = (path, more) => ({ httpGet: { path, port: 'monitor' }, timeoutSeconds: 2, ...more });
  return [
    {
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: metadata('nats', 'nats'),
      automountServiceAccountToken: false,
    },
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: metadata('holdfast-nats'), data: { 'nats.conf': serverConfig } },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: metadata('nats', 'nats'),
      spec: {
        clusterIP: 'None',
        selector: labelsOf('nats'),
        ports: [{ name: 'client', port, targetPort: 'client' }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: metadata('nats', 'nats'),
      spec: {
        serviceName: 'nats',
        replicas: 1,
        selector: { matchLabels: labelsOf('nats') },
        template: {
          metadata: { labels: labelsOf('nats') },
          spec: {
            serviceAccountName: 'nats',
            automountServiceAccountToken: false,
            enableServiceLinks: false,
            terminationGracePeriodSeconds: 60,
            securityContext: podSecurity,
            containers: [
              {
                name: 'nats',
                image,
                args: ['-c', '/etc/nats/nats.conf'],
                envFrom: [{ configMapRef: { name: 'holdfast-nats-keys' } }], // the public halves of the processes' keys
                ports: [
                  { name: 'client', containerPort: port },
                  { name: 'monitor', containerPort: 8_222 },
                ],
                startupProbe: probe('/healthz?js-enabled-only=true', { periodSeconds: 2, failureThreshold: 60 }),
                readinessProbe: probe('/healthz?js-server-only=true', { periodSeconds: 5 }),
                livenessProbe: probe('/healthz?js-enabled-only=true', { periodSeconds: 10, failureThreshold: 6 }),
                resources: { requests: { cpu: '250m', memory: '256Mi' }, limits: { memory: '1Gi' } },
                securityContext: containerSecurity,
                volumeMounts: [
                  { name: 'store', mountPath: '/data' },
                  { name: 'config', mountPath: '/etc/nats', readOnly: true },
                  ...certificates.map(({ mount }) => mount),
                ],
              },
            ],
            volumes: [
              { name: 'config', configMap: { name: 'holdfast-nats' } },
              ...certificates.map(({ volume }) => volume),
            ],
          },
        },
        volumeClaimTemplates: [
          {
            apiVersion: 'v1',
            kind: 'PersistentVolumeClaim',
            metadata: { name: 'store' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage } } },
          },
        ],
      },
    },
  ];
}

export const ingress = (edge) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'Ingress',
  metadata: metadata('holdfast', edge),
  spec: {
    ingressClassName: settings.ingressClass,
    tls: [{ hosts: [settings.host], secretName: 'holdfast-tls' }],
    rules: [
      {
        host: settings.host,
        http: {
          // Health, metrics and operations stay inside. Every error answer names its type by a path below /problems.
          paths: ['/api', '/docs', '/docs-json', '/problems', '/.well-known'].map((path) => ({
            path,
            pathType: 'Prefix',
            backend: { service: { name: edge, port: { name: 'http' } } },
          })),
        },
      },
    ],
  },
});
