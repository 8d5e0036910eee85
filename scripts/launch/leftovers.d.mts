export function noteProcesses(dataDir: string, apps: readonly { name: string; pid: number }[]): void;
export function awaitLeftovers(dataDir: string, log: (text: string) => void): Promise<void>;
