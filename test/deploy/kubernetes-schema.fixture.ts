import { Deployment } from 'kubernetes-models/apps/v1/Deployment';
import { StatefulSet } from 'kubernetes-models/apps/v1/StatefulSet';
import { HorizontalPodAutoscaler } from 'kubernetes-models/autoscaling/v2/HorizontalPodAutoscaler';
import { Job } from 'kubernetes-models/batch/v1/Job';
import { Ingress } from 'kubernetes-models/networking.k8s.io/v1/Ingress';
import { NetworkPolicy } from 'kubernetes-models/networking.k8s.io/v1/NetworkPolicy';
import { PodDisruptionBudget } from 'kubernetes-models/policy/v1/PodDisruptionBudget';
import { ConfigMap } from 'kubernetes-models/v1/ConfigMap';
import { Namespace } from 'kubernetes-models/v1/Namespace';
import { Service } from 'kubernetes-models/v1/Service';
import { ServiceAccount } from 'kubernetes-models/v1/ServiceAccount';

/** As much of a Kubernetes object as the checks look at. */
export interface KubernetesObject {
  apiVersion: string;
  kind: string;
  metadata: { name: string; namespace?: string; labels?: Record<string, string> };
  // oxlint-disable-next-line typescript/no-explicit-any
  spec?: any;
  data?: Record<string, string>;
}

type Model = new (data: never) => { validate(): void };

const groups: Record<string, Record<string, Model>> = {
  v1: { ConfigMap, Namespace, Service, ServiceAccount },
  'apps/v1': { Deployment, StatefulSet },
  'autoscaling/v2': { HorizontalPodAutoscaler },
  'batch/v1': { Job },
  'networking.k8s.io/v1': { Ingress, NetworkPolicy },
  'policy/v1': { PodDisruptionBudget },
};

/** What is wrong with an object by the OpenAPI schema of Kubernetes, fields that it does not know included. */
export function schemaFaults(object: KubernetesObject): string[] {
  const where = `${object.kind} ${object.metadata.name}`;
  const model = groups[object.apiVersion]?.[object.kind];
  if (!model) return [`${where}: there is no ${object.kind} in ${object.apiVersion}`];
  const read = new Set<string>();
  try {
    const watched = watch(object, '', read);
    Object.setPrototypeOf(watched, model.prototype as object);
    (watched as unknown as { validate(): void }).validate();
  } catch (error) {
    return [`${where}: ${(error as Error).message}`];
  }
  // The compiled schema reads every field that it knows: what it never looks at does not exist.
  const unknown = pathsOf(object, '').filter((path) => !read.has(path));
  return unknown.map((field) => `${where}: nobody knows the field ${field}`);
}

function watch<T extends object>(value: T, path: string, read: Set<string>): T {
  const copy = Array.isArray(value) ? [] : {};
  for (const [key, inner] of Object.entries(value) as [string, unknown][]) {
    const at = `${path}.${key}`;
    const shown = typeof inner === 'object' && inner !== null ? watch(inner, at, read) : inner;
    const get = () => {
      read.add(at);
      return shown;
    };
    Object.defineProperty(copy, key, { enumerable: true, get });
  }
  return copy as T;
}

function pathsOf(value: object, path: string): string[] {
  return Object.entries(value).flatMap(([key, inner]: [string, unknown]) => {
    const at = `${path}.${key}`;
    return [at, ...(typeof inner === 'object' && inner !== null ? pathsOf(inner, at) : [])];
  });
}
