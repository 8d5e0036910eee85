import type { Dispatcher } from 'undici';

interface Shown {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: string;
  readonly restarts: number;
  readonly lag?: number | undefined;
}

export function lagAt(url: string, dispatcher?: Dispatcher): Promise<number | undefined>;
export function memoryOf(pid: number | undefined): number | undefined;
export function tableLines(
  processes: readonly Shown[],
  memory?: (pid: number | undefined) => number | undefined,
): string[];
