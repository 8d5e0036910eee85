import type { Output, RunningApp } from './app.mjs';
import type { Support, SupportOptions } from './support.mjs';

export interface RunningShop {
  readonly url: string;
  readonly support: Support;
  readonly app: RunningApp;
  readonly exited: Promise<number>;
  stop(): Promise<void>;
  kill(): void;
}

export function startMonolith(
  support: Support,
  options?: { nodeArgs?: string[]; output?: Output; signal?: AbortSignal },
): Promise<RunningApp>;

export function startShop(options?: SupportOptions & { nodeArgs?: string[] }): Promise<RunningShop>;
