import type { PlannedProcess } from './check-topology.mjs';

export interface NatsUserOfProcess {
  name: string;
  contexts: string[];
  inbox?: string;
  publicKey: string;
}

export function natsUsers(
  processes: Pick<PlannedProcess, 'name' | 'app' | 'contexts'>[],
  publicKeyOf: (process: string) => string,
): NatsUserOfProcess[];
export function natsKey(folder: string, name: string): { seedFile: string; publicKey: string };
export function publicKeyVariable(name: string): string;
