import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';

/** What ties the records of one story together, across processes and across retries that start new traces. */
export interface Correlation {
  /** The story: the same for everything that follows from one request. */
  readonly correlationId: string;
  /** The message or request that caused the work at hand. */
  readonly causationId?: string;
}

/** What surrounds the work at hand: in one storage, because entering one copies whatever all others hold. */
export interface Scope {
  readonly trace?: Context | undefined;
  readonly correlation?: Correlation | undefined;
}

export const scopes = new AsyncLocalStorage<Scope>();
