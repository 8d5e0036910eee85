import type { Manifest } from '../topology/check-topology.mjs';

export function makeSecrets(options: {
  folder: string;
  manifests: Manifest[];
  roleUrl: (adminUrl: string, context: string) => string;
  databaseUrl?: string;
}): { owners: string[]; made: string[] };
export function makeNatsKeys(options: { folder: string; processes: { name: string }[] }): void;
export function makeTokenKeys(options: { folder: string }): void;
export function kubernetesCommands(
  owners: string[],
  processes: { name: string }[],
  holders: { name: string }[],
): string[];
