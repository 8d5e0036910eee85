export interface RunningPostgres {
  /** The superuser's address. */
  readonly url: string;
  readonly port: number;
  /** The server's process id; another one after it was started again. */
  readonly pid: number;
  stop(): Promise<void>;
}

export function startPostgres(options: {
  dataDir: string;
  port?: number;
  fsync?: boolean;
  settings?: Record<string, string>;
  log?: (text: string) => void;
}): Promise<RunningPostgres>;
