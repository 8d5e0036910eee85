import { isUnavailable } from '@holdfast/data-consistency';
import type { ProblemException } from './problem.exception.js';
import { badRequest, conflict, deadlineExceeded, unavailable } from './problems.js';

const POOL_ENDED = 'Cannot use a pool after calling end on the pool';

/** What `pg` says when a statement was not answered in time; it may have had its effect. */
const NO_ANSWER = 'Query read timeout';

/**
 * The answer to a failure of PostgreSQL or of the way there, or `undefined` when it is something else.
 * Codes: https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function postgresProblem(error: Error & { code?: unknown; syscall?: unknown }): ProblemException | undefined {
  const code = typeof error.code === 'string' ? error.code : '';
  if (code === '57014' || error.message === NO_ANSWER) return deadlineExceeded({ cause: error });
  if (isOutage(code, error)) return unavailable(1, { cause: error });
  if (code === '40001' || code === '40P01' || code === '55P03') {
    return unavailable(1, { detail: 'Too many requests change the same thing at once.', cause: error });
  }
  if (code === '22021' || code === '22P05') {
    return badRequest({ detail: 'The text contains a character that cannot be stored.', cause: error });
  }
  if (code === '23505') return conflict({ detail: 'This already exists.', cause: error });
  return undefined;
}

/** No connection, or none that may be used: by what it says, a socket that is not there, or a pool that is closing. */
function isOutage(code: string, error: Error & { syscall?: unknown }): boolean {
  if (isUnavailable(error) || code === '25P03') return true;
  return (code === 'ENOENT' && error.syscall === 'connect') || error.message.startsWith(POOL_ENDED);
}
