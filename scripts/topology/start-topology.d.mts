import type { startApp } from '../launch/app.mjs';
import type { Support, SupportOptions } from '../launch/support.mjs';
import type { Plan } from './plan.mjs';
import type { RunningCertificates } from './certificates.mjs';
import type { RunningNats } from './nats.mjs';
import type { Supervised } from './supervise.mjs';

/** Where a process of a topology answers, and what it mounts. */
export interface Place {
  readonly name: string;
  readonly app: string;
  readonly contexts: readonly string[];
  readonly port: number;
}

/** Further options of startApp for a process that does not run as the others do, from its place and its settings. */
export type Elsewhere = (
  place: Place,
  env: Readonly<Record<string, string>>,
) => Partial<Parameters<typeof startApp>[0]> | undefined;

export interface TopologyOptions extends SupportOptions {
  natsUrl?: string;
  withLag?: boolean;
  changed?: (one: Supervised) => void;
  elsewhere?: Elsewhere;
  started?: (processes: Supervised[]) => void;
}

export interface RunningTopology {
  readonly url: string;
  readonly name: string;
  readonly processes: readonly Supervised[];
  /** Addresses by context. */
  readonly targets: Readonly<Record<string, string[]>>;
  readonly support: Support;
  readonly nats?: RunningNats;
  /** Undefined when everything is in one process. */
  readonly certificates?: RunningCertificates;
  readonly exited: Promise<number>;
  /** What is to be said of how its processes ended, if anything. */
  stop(): Promise<string[]>;
  kill(): void;
}

export function startTopology(file: string, options?: TopologyOptions): Promise<RunningTopology>;
export function planTopology(
  file: string,
  options?: { databaseUrl?: string; env?: Record<string, string> },
): Promise<Plan>;
