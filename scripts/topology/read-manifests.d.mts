import type { Manifest } from './check-topology.mjs';

export function readManifests(): Promise<Manifest[]>;
