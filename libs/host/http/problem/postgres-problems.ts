import type { ProblemException } from './problem.exception.js';
import { badRequest, conflict, deadlineExceeded, unavailable } from './problems.js';

const NETWORK = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOENT',
]);

/** What `pg` and `pg-pool` say, without a code, when there is no usable connection. */
const NO_CONNECTION = [
  'timeout exceeded when trying to connect',
  'Connection terminated',
  'Client has encountered a connection error and is not queryable',
  'Cannot use a pool after calling end on the pool',
  'Client was closed and is not queryable',
];

/** What `pg` says when a statement was not answered in time; it may have had its effect. */
const NO_ANSWER = 'Query read timeout';

/**
 * The answer to a failure of PostgreSQL or of the way there, or `undefined` when it is something else.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function postgresProblem(error: Error & { code?: unknown; syscall?: unknown }): ProblemException | undefined {
  const code = typeof error.code === 'string' ? error.code : '';
  if (isOutage(code, error)) return unavailable(1, { cause: error });
  if (code === '40001' || code === '40P01' || code === '55P03') {
    return unavailable(1, { detail: 'Too many requests change the same thing at once.', cause: error });
  }
  if (code === '57014' || error.message === NO_ANSWER) return deadlineExceeded({ cause: error });
  if (code === '22021' || code === '22P05') {
    return badRequest({ detail: 'The text contains a character that cannot be stored.', cause: error });
  }
  if (code === '23505') return conflict({ detail: 'This already exists.', cause: error });
  return undefined;
}

function isOutage(code: string, error: Error & { syscall?: unknown }): boolean {
  if (/^(?:08...|53...|57P0.|25006|25P03)$/.test(code)) return true;
  if (NETWORK.has(code)) return code !== 'ENOENT' || error.syscall === 'connect';
  return NO_CONNECTION.some((text) => error.message.startsWith(text));
}
