// Who may talk to whom: nobody, but for the edges that the plan has. Messages and queries between contexts go through NATS, so
// a context needs no way to another.
import { labelsOf, metadata, settings } from './settings.mjs';

const tcp = (...ports) => ports.map((port) => ({ protocol: 'TCP', port }));
const component = (name) => ({ podSelector: { matchLabels: labelsOf(name) } });
const namespace = (name) => ({ namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': name } } });

const policy = (name, podSelector, { ingress = [], egress = [] }) => ({
  apiVersion: 'networking.k8s.io/v1',
  kind: 'NetworkPolicy',
  metadata: metadata(name),
  spec: { podSelector, policyTypes: ['Ingress', 'Egress'], ingress, egress },
});

/** @returns {object[]} */
export function networkPolicies({ processes, manifests, nats }) {
  const everybody = { matchLabels: labelsOf() };
  const edge = processes.find((one) => one.edge);
  const behind = processes.filter((one) => one !== edge);
  return [
    policy('default-deny', {}, {}),
    policy('names', everybody, { egress: [{ to: [nameServer], ports: [...tcp(53), { protocol: 'UDP', port: 53 }] }] }),
    ...processes.map((process) =>
      policy(
        process.name,
        { matchLabels: labelsOf(process.name) },
        {
          ingress: [
            ...(process === edge ? [from(namespace(settings.ingressNamespace))] : []),
            ...(behind.includes(process) ? [from(component(edge.name))] : []),
            from(namespace(settings.monitoringNamespace)),
          ],
          egress: [
            { to: [namespace(settings.monitoringNamespace)], ports: tcp(settings.otlpPort) },
            ...(nats ? [{ to: [component('nats')], ports: tcp(settings.nats.port) }] : []),
            ...(process.contexts.length > 0 ? [toDatabase] : []),
            ...(process === edge && behind.length > 0
              ? [{ to: behind.map(({ name }) => component(name)), ports: tcp(settings.port) }]
              : []),
            ...(callsOut(process, manifests) ? [toInternet] : []),
          ],
        },
      ),
    ),
    policy('migrate', { matchLabels: labelsOf('migrate') }, { egress: [toDatabase] }),
    ...(nats
      ? [
          policy(
            'nats',
            { matchLabels: labelsOf('nats') },
            { ingress: [{ from: processes.map(({ name }) => component(name)), ports: tcp(settings.nats.port) }] },
          ),
        ]
      : []),
  ];
}

const nameServer = {
  ...namespace('kube-system'),
  podSelector: { matchLabels: { 'k8s-app': 'kube-dns' } },
};

const from = (peer) => ({ from: [peer], ports: tcp(settings.port) });

const toDatabase = {
  to: settings.database.networks.map((cidr) => ({ ipBlock: { cidr } })),
  ports: tcp(settings.database.port),
};

/** Everywhere but the private networks, and never the address that tells a cloud's credentials. */
const toInternet = {
  to: [{ ipBlock: { cidr: '0.0.0.0/0', except: [...settings.database.networks, '169.254.0.0/16', '100.64.0.0/10'] } }],
  ports: tcp(443),
};

/** Who is told an address outside calls it. */
const callsOut = ({ contexts }, manifests) =>
  manifests.some(({ name, needs }) => contexts.includes(name) && needs.settings.some((one) => one.endsWith('_URL')));
