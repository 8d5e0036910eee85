import type { Manifest, PlannedProcess } from './check-topology.mjs';

export interface Plan {
  name: string;
  processes: PlannedProcess[];
  manifests: Manifest[];
  poolSize: number;
  maxConnections: number;
}

export function edgesOf(
  processes: PlannedProcess[],
  manifests: Manifest[],
): { from: string; to: string; what: string[] }[];
export function planLines(plan: Plan): string[];
