export function holderOf(dataDir: string): Promise<{ pid?: number; command?: string; url?: string } | undefined>;
export function lockData(
  dataDir: string,
  about: { command: string; url?: string },
): Promise<{ release(): Promise<void> }>;
