import type { KubernetesObject } from './kubernetes-schema.fixture.js';

type Named = { name: string };

/**
 * What objects refer to and nobody has: accounts, ConfigMaps, Services, volumes, ports, pods behind a selector.
 *
 * @param brought ConfigMaps that whoever installs the shop brings along
 */
export function danglingReferences(objects: KubernetesObject[], brought: readonly string[]): string[] {
  const there = new Set([
    ...objects.map(({ kind, metadata }) => `${kind} ${metadata.name}`),
    ...brought.map((name) => `ConfigMap ${name}`),
  ]);
  const pods = objects.filter(({ spec }) => spec?.template?.spec);
  const selectsNothing = (selector: Record<string, string>) =>
    !pods.some(({ spec }) =>
      Object.entries(selector).every(([key, value]) => spec.template.metadata.labels[key] === value),
    );
  return objects.flatMap((object) => [
    ...(object.kind === 'Namespace' || object.metadata.namespace === 'holdfast' ? [] : ['not in the namespace']),
    ...referencesOf(object).flatMap((what) => (there.has(what) ? [] : [`${object.metadata.name}: no ${what}`])),
    ...selectorsOf(object).flatMap((one) => (selectsNothing(one) ? [`${nameOf(object)} selects nothing`] : [])),
    ...podFaults(object).map((fault) => `${nameOf(object)}: ${fault}`),
  ]);
}

const nameOf = ({ kind, metadata }: KubernetesObject) => `${kind} ${metadata.name}`;

function referencesOf({ kind, spec }: KubernetesObject): string[] {
  const pod = spec?.template?.spec;
  const containers = pod?.containers ?? [];
  const paths = kind === 'Ingress' ? spec.rules.flatMap((rule: { http: { paths: object[] } }) => rule.http.paths) : [];
  const configMaps = [
    ...(pod?.volumes ?? []).map((volume: { configMap?: Named }) => volume.configMap?.name),
    ...containers.flatMap(({ env = [] }) => env).map((one: EnvVariable) => one.valueFrom?.configMapKeyRef?.name),
    ...containers.flatMap(({ envFrom = [] }) => envFrom).map((one: EnvSource) => one.configMapRef?.name),
  ];
  return [
    ...(pod ? [`ServiceAccount ${pod.serviceAccountName}`] : []),
    ...configMaps.filter(Boolean).map((name) => `ConfigMap ${name}`),
    ...(kind === 'HorizontalPodAutoscaler' ? [`${spec.scaleTargetRef.kind} ${spec.scaleTargetRef.name}`] : []),
    ...(kind === 'StatefulSet' ? [`Service ${spec.serviceName}`] : []),
    ...paths.map(({ backend }: { backend: { service: Named } }) => `Service ${backend.service.name}`),
  ];
}

function selectorsOf({ kind, spec }: KubernetesObject): Record<string, string>[] {
  if (kind === 'Service') return [spec.selector];
  if (kind === 'NetworkPolicy') return [spec.podSelector.matchLabels ?? {}];
  return spec?.selector?.matchLabels ? [spec.selector.matchLabels] : [];
}

/** Labels that the selector misses, mounts without a volume, probes without a port. */
function podFaults({ kind, spec }: KubernetesObject): string[] {
  const pod = spec?.template?.spec;
  if (!pod) return [];
  const labels: Record<string, string> = spec.template.metadata.labels;
  const selector: Record<string, string> = spec.selector?.matchLabels ?? {};
  const volumes = new Set([
    ...(pod.volumes ?? []).map(({ name }: Named) => name),
    ...(spec.volumeClaimTemplates ?? []).map(({ metadata }: { metadata: Named }) => metadata.name),
  ]);
  return [
    ...(kind !== 'Job' && Object.keys(selector).length === 0 ? ['no selector'] : []),
    ...Object.entries(selector).flatMap(([key, value]) => (labels[key] === value ? [] : [`its pods lack ${key}`])),
    ...pod.containers.flatMap(({ volumeMounts = [], ports = [], ...container }: Container) => {
      const names = new Set(ports.map(({ name }) => name));
      const probes = [container.startupProbe, container.readinessProbe, container.livenessProbe];
      return [
        ...volumeMounts.flatMap(({ name }) => (volumes.has(name) ? [] : [`no volume ${name}`])),
        ...probes.flatMap((probe) =>
          !probe || names.has(probe.httpGet.port) ? [] : [`no port ${probe.httpGet.port}`],
        ),
      ];
    }),
  ];
}

interface EnvVariable {
  valueFrom?: { configMapKeyRef?: Named };
}
interface EnvSource {
  configMapRef?: Named;
}
interface Probe {
  httpGet: { port: string };
}
interface Container {
  volumeMounts?: Named[];
  ports?: Named[];
  startupProbe?: Probe;
  readinessProbe?: Probe;
  livenessProbe?: Probe;
}
