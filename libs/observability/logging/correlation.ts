import { scopes } from '../async-scope.js';

/** What ties the records of one story together, across processes and across retries that start new traces. */
export interface Correlation {
  /** The story: the same for everything that follows from one request. */
  readonly correlationId: string;
  /** The message or request that caused the work at hand. */
  readonly causationId?: string;
}

/**
 * Runs `fn`, and everything it starts, under a correlation; log records carry it from there on.
 * @example runWithCorrelation({ correlationId: message.correlationId, causationId: message.id }, () => handle(message))
 */
export function runWithCorrelation<R>(correlation: Correlation, fn: () => R): R {
  return scopes.run({ trace: scopes.getStore()?.trace, correlation }, fn);
}

/** The correlation of the work at hand; undefined outside any. */
export function currentCorrelation(): Correlation | undefined {
  return scopes.getStore()?.correlation;
}
