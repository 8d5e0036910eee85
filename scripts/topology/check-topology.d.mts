import type { TopologyDeclaration } from './read-topology.mjs';

/** What `manifestOf` of @holdfast/host says about a context. */
export interface Manifest {
  name: string;
  emits: string[];
  reads: string[];
  sends: string[];
  timers: string[];
  handles: string[];
  asks: string[];
  answers: string[];
  issuesTokens: boolean;
  needs?: { secrets: string[]; settings: string[] };
  secrets?: string[];
}

export interface PlannedProcess {
  name: string;
  app: string;
  contexts: string[];
  replicas: number;
}

export function resolveProcesses(topology: TopologyDeclaration, manifests: Manifest[]): PlannedProcess[];
export function topologyFaults(
  topology: TopologyDeclaration,
  manifests: Manifest[],
  database: { poolSize: number; maxConnections: number },
): string[];
export function connectionsOf(processes: PlannedProcess[], poolSize: number): number;
