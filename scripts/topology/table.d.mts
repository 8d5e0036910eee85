interface Shown {
  readonly name: string;
  readonly pid: number | undefined;
  readonly state: string;
  readonly restarts: number;
}

export function memoryOf(pid: number | undefined): number | undefined;
export function tableLines(
  processes: readonly Shown[],
  memory?: (pid: number | undefined) => number | undefined,
): string[];
