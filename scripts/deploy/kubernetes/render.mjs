// A topology as Kubernetes manifests: the same checked plan that start:topology runs, as text, file by file.
import { dump } from 'js-yaml';
import { resolveProcesses, topologyFaults } from '../../topology/check-topology.mjs';
import { tlsSettings } from '../../topology/certificates.mjs';
import { natsUsers, publicKeyVariable } from '../../topology/nats-users.mjs';
import { TopologyFaults } from '../../topology/read-topology.mjs';
import { networkPolicies } from './network.mjs';
import { scrapesOf } from './scrapes.mjs';
import { settings, tlsFiles } from './settings.mjs';
import { commonSettings, ingress, migration, namespace, nats } from './surroundings.mjs';
import { workloadOf } from './workload.mjs';

/** Of a PostgreSQL as it comes; autoscaling stays within. */
const database = { poolSize: 8, maxConnections: 300 };

/**
 * @param {object} topology from readTopology
 * @param {object[]} manifests of every context there is
 * @param {(options: object) => string} natsServerConfig of @holdfast/messaging
 * @param {'own' | 'external'} tls
 * @returns {{ files: Record<string, object[]>, natsConf?: string, scrapes: object }} objects by file, `orders.yaml` and so on
 * @throws {TopologyFaults} when the topology could not be run
 */
export function manifestsFor(topology, manifests, natsServerConfig, tls) {
  const faults = topologyFaults(topology, manifests, database);
  if (faults.length > 0) throw new TopologyFaults(topology.name, faults);
  const plan = planOf(topology, manifests, tls === 'own');
  const natsConf = plan.nats ? serverConfig(plan, natsServerConfig, topology.name) : undefined;
  const edge = plan.processes.find((one) => one.edge);
  const files = {
    'namespace.yaml': [namespace()],
    'settings.yaml': [commonSettings(plan)],
    'network.yaml': networkPolicies(plan),
    'migrate.yaml': migration(),
    ...(natsConf && { 'nats.yaml': nats(natsConf, plan) }),
    ...Object.fromEntries(plan.processes.map((process) => [`${process.name}.yaml`, workloadOf(process, plan)])),
    'ingress.yaml': [ingress(edge.name)],
  };
  const resources = Object.keys(files);
  const kustomization = { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
  return { files: { ...files, 'kustomization.yaml': [kustomization] }, natsConf, scrapes: scrapesOf(plan) };
}

function planOf(topology, manifests, own) {
  const resolved = resolveProcesses(topology, manifests);
  const many = resolved.length > 1;
  const tls = many && own;
  const processes = resolved.map((one) => {
    const edge = one.app === 'gateway' || !many;
    return { ...one, edge, replicas: replicasOf(one, resolved) };
  });
  const config = {
    LOG_LEVEL: 'info',
    OTEL_EXPORTER_OTLP_ENDPOINT: settings.otlpEndpoint,
    SHUTDOWN_ROUTING_WAIT_MS: String(settings.routingWaitMs),
    ...(many && { NATS_URL: `${tls ? 'tls' : 'nats'}://nats:${settings.nats.port}` }),
    ...(many && (tls ? tlsSettings(tlsFiles) : { TLS_EXTERNAL: 'true' })),
  };
  return { processes, manifests, config, nats: many, tls };
}

/** A context scales to what PostgreSQL has connections for, shared out evenly; the edge has none. */
function replicasOf({ app, contexts, replicas }, processes) {
  if (app === 'gateway') return settings.edgeReplicas;
  if (processes.length === 1) return { min: 1, max: 1 }; // several on one database need NATS between them
  const all = processes.reduce((sum, one) => sum + one.contexts.length, 0);
  const affordable = Math.floor((database.maxConnections - 20) / (all * database.poolSize));
  return {
    min: replicas,
    max: contexts.length > 0 ? Math.max(replicas, Math.min(affordable, replicas + 2)) : replicas,
  };
}

/** The server learns public keys from its environment. */
function serverConfig({ processes, manifests, tls }, natsServerConfig, topology) {
  return natsServerConfig({
    users: natsUsers(processes, (name) => `$${publicKeyVariable(name)}`),
    everybody: manifests,
    storeDir: '/data',
    monitor: '0.0.0.0:8222',
    syncAlways: true,
    madeBy: commandFor(topology),
    ...(tls && { tls: tlsFiles }),
  });
}

const commandFor = (topology) => `npm run deploy:kubernetes -- topology/${topology}.yaml`;

/** @returns {string} YAML documents, not formatted yet */
export function toYaml(objects, topology) {
  const documents = objects.map((object) => dump(object, { lineWidth: 120, noRefs: true, quotingType: "'" }));
  return `# Generated: ${commandFor(topology)}. Do not edit.\n${documents.join('---\n')}`;
}
