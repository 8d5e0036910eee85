import type { ChildProcess } from 'node:child_process';

export type Output = 'inherit' | 'pipe' | 'ignore' | number;

export interface RunningApp {
  readonly name: string;
  readonly pid: number;
  readonly child: ChildProcess;
  /** The exit code; 128 + signal when a signal ended it, 127 when it could not be started. */
  readonly exited: Promise<number>;
  stop(withinMs?: number): Promise<number>;
  kill(): void;
}

export const root: string;

/** The environment and the arguments with which node runs what was built. */
export const COMPILED: Record<string, string>;
export const BUNDLED: readonly string[];

export function startApp(options: {
  name: string;
  entry?: string;
  args?: string[];
  env?: Record<string, string>;
  alone?: boolean;
  nodeArgs?: string[];
  within?: string[];
  output?: Output;
  written?: (chunk: Buffer) => void;
  interactive?: boolean;
}): RunningApp;

export function stopAndTell(
  name: string,
  app: Pick<RunningApp, 'exited' | 'stop'>,
  withinMs?: number,
): Promise<string[]>;
