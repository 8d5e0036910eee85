export interface Holder {
  pid?: number;
  command?: string;
  url?: string;
  /** Its database is one that DATABASE_URL names. */
  external?: boolean;
}

export function holderOf(dataDir: string): Promise<Holder | undefined>;
export function lockData(
  dataDir: string,
  about: { command: string; url?: string; external?: boolean },
): Promise<{ release(): Promise<void> }>;
