export const sourceFolders: string[];
export const swcOptions: object;
export function build(root?: string): Promise<{ compiled: number; removed: number }>;
export function buildId(): string;
export function writeAtomically(file: string, content: string): void;
