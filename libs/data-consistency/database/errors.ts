/** Somebody else changed what this unit of work decided on: nothing was committed. Load again and decide again. */
export class ConcurrencyError extends Error {
  override readonly name = 'ConcurrencyError';

  constructor(readonly what: string) {
    super(`${what} was changed by somebody else meanwhile; nothing was written`);
  }
}

interface PostgresError extends Error {
  code?: string;
  severity?: string;
  constraint?: string;
}

const LOST_CONNECTION =
  /connection terminated|connection ended|timeout exceeded when trying to connect|client has encountered a connection error|query read timeout|client was closed/i;
const NETWORK = new Set(
  `ECONNREFUSED ECONNRESET ECONNABORTED EPIPE ETIMEDOUT ENOTFOUND EAI_AGAIN
   EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN EADDRNOTAVAIL EMFILE ENFILE`.split(/\s+/),
);

/**
 * Whether PostgreSQL is away or has no room, rather than the statement being wrong: class 08 (connection), 53
 * (resources), 57P0x (shutting down), 25006 (read only) and the driver's own connection errors.
 *
 * @see https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
export function isUnavailable(error: unknown): boolean {
  const { code = '', message = '' } = (error ?? {}) as PostgresError;
  return NETWORK.has(code) || /^(08|53|57P0[1-5]|25006)/.test(code) || LOST_CONNECTION.test(message);
}

const statements = new WeakSet<object>();

/** Remembers that PostgreSQL or the way to it failed, as opposed to something else that speaks TCP. Gives the error back. */
export function fromDatabase<E>(error: E): E {
  if (typeof error === 'object' && error !== null) statements.add(error);
  return error;
}

/**
 * Whether this very error says that *our* database is away. A neighbour that refuses connections gives the same codes,
 * but waiting for it must count as a failed attempt, or it would be called again and again without end.
 */
export function isDatabaseAway(error: unknown): boolean {
  return typeof error === 'object' && error !== null && statements.has(error) && isUnavailable(error);
}

/** Serialization failure or deadlock: the same unit of work may succeed when it is run again from its start. */
export function isRetryable(error: unknown): boolean {
  const { code } = (error ?? {}) as PostgresError;
  return code === '40001' || code === '40P01';
}

/** Somebody else holds a lock for too long, or won each time: not the fault of the work, which may succeed later. */
export function isContended(error: unknown): boolean {
  return isRetryable(error) || (error as PostgresError | undefined)?.code === '55P03';
}

/** Whether a unique constraint of that name was violated. */
export function violates(error: unknown, constraint: RegExp): boolean {
  const { code, constraint: name = '' } = (error ?? {}) as PostgresError;
  return code === '23505' && constraint.test(name);
}

/**
 * Whether PostgreSQL answered that it refused the statement: nothing of it was written. A connection that was lost, or a
 * server that goes down, says nothing of the kind.
 */
export function wasRefused(error: unknown): boolean {
  const { severity } = (error ?? {}) as PostgresError;
  return sqlState(error) !== undefined && severity !== 'FATAL' && severity !== 'PANIC' && !isUnavailable(error);
}

/** Errors of sockets have codes, too: words, while a SQLSTATE has a digit. */
const SQLSTATE = /^(?=.*\d)[0-9A-Z]{5}$/;

/** The SQLSTATE, when there is one. */
export function sqlState(error: unknown): string | undefined {
  const { code = '' } = (error ?? {}) as PostgresError;
  return SQLSTATE.test(code) ? code : undefined;
}
