import type { RunningPostgres } from '../postgres.mjs';
import type { Output, RunningApp } from './app.mjs';

export interface SupportOptions {
  dataDir?: string;
  port?: number;
  databaseUrl?: string;
  env?: Record<string, string>;
  fsync?: boolean;
  command?: string;
  output?: Output;
  written?: (chunk: Buffer) => void;
  log?: (text: string) => void;
  signal?: AbortSignal;
}

export interface Support {
  readonly port: number;
  /** Where this machine reaches the shop. */
  readonly origin: string;
  readonly dataDir: string;
  readonly databaseUrl: string;
  readonly env: Record<string, string>;
  /** Undefined when databaseUrl named a server. */
  readonly postgres?: RunningPostgres;
  /** Undefined when ACME_URL or GLOBEX_URL was given. */
  readonly provider?: { readonly url: string; readonly app: RunningApp; stop(): Promise<void>; kill(): void };
  migrate(): Promise<void>;
  note(apps: RunningApp[]): void;
  stop(): Promise<void>;
  kill(): void;
}

export function startSupport(options?: SupportOptions): Promise<Support>;
