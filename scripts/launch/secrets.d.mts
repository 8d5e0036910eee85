export const PROVIDER_SECRETS: readonly string[];
export function providerSecrets(
  dataDir: string,
  env?: Record<string, string | undefined>,
): Partial<Record<string, string>>;
export function internalTokenKeys(
  dataDir: string,
  env: Record<string, string | undefined>,
): { gateway: Record<string, string>; contexts: Record<string, string> };
