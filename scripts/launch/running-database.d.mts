export function urlOfRunning(dataDir: string, holder: { command?: string; external?: boolean }): string;
