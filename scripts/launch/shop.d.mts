import type { Output, RunningApp } from './app.mjs';
import type { Support, SupportOptions } from './support.mjs';

export interface RunningShop {
  readonly url: string;
  readonly support: Support;
  readonly app: RunningApp;
  readonly exited: Promise<number>;
  /** What is to be said of how the app ended, if anything. */
  stop(): Promise<string[]>;
  kill(): void;
}

export function startMonolith(
  support: Pick<Support, 'origin' | 'env' | 'note'>,
  options?: { nodeArgs?: string[]; output?: Output; signal?: AbortSignal },
): Promise<RunningApp>;

export function startShop(options?: SupportOptions & { nodeArgs?: string[] }): Promise<RunningShop>;
