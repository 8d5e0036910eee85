export function isGiven(env: Record<string, string | undefined>, name: string): boolean;
export function takeDatabaseUrl(env: Record<string, string | undefined>): void;
export function missingRoleUrls(
  env: Record<string, string | undefined>,
  contexts: readonly string[],
  urlOf: (context: string) => string,
): Record<string, string>;
