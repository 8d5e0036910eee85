export type ProcessState = 'starting' | 'ready' | 'not ready' | 'waiting' | 'given up' | 'stopped';

export interface Supervised {
  readonly name: string;
  readonly state: ProcessState;
  readonly restarts: number;
  readonly pid: number | undefined;
  /** Messages that wait in it, when somebody wanted to know. */
  readonly lag?: number;
  readonly ready: Promise<Supervised>;
  readonly givenUp: Promise<Supervised>;
  /** What is to be said of how it ended, if anything. */
  stop(withinMs?: number): Promise<string[]>;
  kill(): void;
}

export interface Launched {
  readonly pid: number;
  readonly exited: Promise<number>;
  stop(withinMs?: number): Promise<number>;
  kill(): void;
}

export function pauseBefore(nth: number): number;
export function supervise(options: {
  name: string;
  launch: () => Launched;
  isReady: () => Promise<boolean>;
  lag?: () => Promise<number | undefined>;
  log?: (text: string) => void;
  pauseFor?: (nth: number) => number;
  changed?: (one: Supervised) => void;
}): Supervised;
