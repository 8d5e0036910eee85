export function ownSettings(env: Record<string, string | undefined>, own?: readonly string[]): Record<string, string>;
export function databaseVariable(context: string): string;
