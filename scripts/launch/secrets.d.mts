export const PROVIDER_SECRETS: readonly string[];
export function providerSecrets(dataDir: string): Record<string, string>;
