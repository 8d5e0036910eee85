import { AsyncLocalStorage } from 'node:async_hooks';
import type { Context } from '@opentelemetry/api';
import type { Correlation } from './logging/correlation.js';

/** What surrounds the work at hand: in one storage, because entering one copies whatever all others hold. */
export interface Scope {
  readonly trace?: Context | undefined;
  readonly correlation?: Correlation | undefined;
}

export const scopes = new AsyncLocalStorage<Scope>();
