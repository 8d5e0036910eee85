// What the manifests assume about the cluster around them. Change it here, and make them again.
export const settings = {
  namespace: 'holdfast',
  clusterDomain: 'cluster.local',
  image: 'holdfast:local',
  port: 3_000,
  /** The name that customers call. Its certificate is the Secret holdfast-tls. */
  host: 'holdfast.example',
  ingressClass: 'nginx',
  ingressNamespace: 'ingress-nginx',
  /** Where Prometheus scrapes from and the OpenTelemetry collector listens. */
  monitoringNamespace: 'monitoring',
  /** Where that Prometheus has the certificate of the authority. */
  monitoringCaFile: '/etc/prometheus/holdfast/ca.crt',
  otlpEndpoint: 'http://otel-collector.monitoring:4318',
  otlpPort: 4_318,
  /** PostgreSQL is somewhere in the private networks. */
  database: { port: 5_432, networks: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16'] },
  nats: { image: 'nats:2.12-alpine', port: 4_222, storage: '10Gi' },
  /** Milliseconds a leaving process still answers, so that everybody has noticed. The whole drain is bounded by 25 s. */
  routingWaitMs: 3_000,
  terminationGraceSeconds: 30,
  edgeReplicas: { min: 2, max: 6 },
};

/** Where a process finds its certificate, here and in the compose file. */
export const tlsFiles = {
  certFile: '/run/secrets/tls/tls.crt',
  keyFile: '/run/secrets/tls/tls.key',
  caFile: '/run/secrets/tls/ca.crt',
};

/**
 * How processes know each other: by certificates of their own, or by those of a mesh around them.
 * @param {string} [text] of the option --tls; default `own`
 * @returns {'own' | 'external'}
 */
export function tlsMode(text = 'own') {
  if (!['own', 'external'].includes(text)) throw new Error(`--tls ${text}: there are own and external.`);
  return text;
}

/** The labels that everything of the shop has, and those of one component. */
export const labelsOf = (component) => ({
  'app.kubernetes.io/part-of': 'holdfast',
  ...(component && { 'app.kubernetes.io/name': component }),
});

export const metadata = (name, component, more = {}) => ({
  name,
  namespace: settings.namespace,
  labels: labelsOf(component),
  ...more,
});

/** Pod Security Standard "restricted". */
export const podSecurity = {
  runAsNonRoot: true,
  runAsUser: 1_000,
  runAsGroup: 1_000,
  fsGroup: 1_000,
  seccompProfile: { type: 'RuntimeDefault' },
};

export const containerSecurity = {
  allowPrivilegeEscalation: false,
  readOnlyRootFilesystem: true,
  capabilities: { drop: ['ALL'] },
};
