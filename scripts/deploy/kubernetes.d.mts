import type { Manifest } from '../topology/check-topology.mjs';
import type { TopologyDeclaration } from '../topology/read-topology.mjs';

export function renderDeployment(
  topology: TopologyDeclaration,
  manifests: Manifest[],
  natsServerConfig: unknown,
  tls?: 'own' | 'external',
): Promise<Record<string, string>>;
