import type { CertificatePaths } from './certificates.mjs';
import type { Manifest } from './check-topology.mjs';
import type { NatsUserOfProcess } from './nats-users.mjs';
import type { Supervised } from './supervise.mjs';

/** The nats-server of this machine; on Debian as root it is installed when it is missing. @throws {Error} saying what to install */
export function findNats(log?: (text: string) => void): string;

export interface RunningNats {
  readonly url: string;
  readonly port: number;
  readonly process: Supervised;
  reload(): void;
  stop(): Promise<void>;
  kill(): void;
}

export function startNats(options: {
  dataDir: string;
  users: NatsUserOfProcess[];
  manifests: Manifest[];
  tls: CertificatePaths;
  log?: (text: string) => void;
}): Promise<RunningNats>;
