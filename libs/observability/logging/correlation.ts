import { AsyncLocalStorage } from 'node:async_hooks';

/** What ties the records of one story together, across processes and across retries that start new traces. */
export interface Correlation {
  /** The story: the same for everything that follows from one request. */
  readonly correlationId: string;
  /** The message or request that caused the work at hand. */
  readonly causationId?: string;
}

const storage = new AsyncLocalStorage<Correlation>();

/**
 * Runs `fn`, and everything it starts, under a correlation; log records carry it from there on.
 * @example runWithCorrelation({ correlationId: message.correlationId, causationId: message.id }, () => handle(message))
 */
export function runWithCorrelation<R>(correlation: Correlation, fn: () => R): R {
  return storage.run(correlation, fn);
}

/** The correlation of the work at hand; undefined outside any. */
export function currentCorrelation(): Correlation | undefined {
  return storage.getStore();
}
