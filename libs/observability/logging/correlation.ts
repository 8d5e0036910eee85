import { scopes, type Correlation } from '../async-scope.js';

export type { Correlation } from '../async-scope.js';

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
