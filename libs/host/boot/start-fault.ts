import { isUnavailable } from '@holdfast/data-consistency';
import { scrub } from '@holdfast/observability';

/** Faults whose message already says what is wrong and how to mend it. */
const EXPLAINED = new Set([
  'CannotListen',
  'ConfigurationError',
  'UnroutableEdges',
  'UnknownContext',
  'UnusableDiscovery',
  'NoDatabase',
  'UndeclaredAccessError',
]);

/**
 * Says what stops the start, for people, and ends the process with code 1.
 *
 * @param has whether the process has a database that may be what is away; default true
 */
export function explainAndExit(error: unknown, has = { database: true }): never {
  process.stderr.write(`\nHoldfast cannot start.\n${explanation(error, has)}\n\n`);
  process.exit(1);
}

function explanation(error: unknown, { database }: { database: boolean }): string {
  const { name = '', message = String(error), code, stack } = (error ?? {}) as Error & { code?: string };
  if (EXPLAINED.has(name)) return message;
  if (code === '42P01' || code === '3F000')
    return `The database has not been migrated (${message}). Run: npm run migrate`;
  if (code === '28P01' || code === '28000')
    return `PostgreSQL refused the login (${message}). Run npm run migrate, which creates the roles, or correct DATABASE_URL.`;
  if (name === 'AuthorizationError')
    return `NATS refused this process (${message}). Give it the key that the server knows it by, NATS_NKEY_SEED or NATS_NKEY_SEED_FILE; which that is: npm run nats:config.`;
  if (database && isUnavailable(error))
    return `PostgreSQL cannot be reached (${scrub(message)}). Start it, or correct DATABASE_URL.`;
  return scrub(stack ?? message);
}
