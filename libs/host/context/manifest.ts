import { eventsOf } from '@holdfast/data-consistency';
import type { Context } from './context.js';

/** What a context says about itself, as plain JSON: enough to plan processes without starting any. */
export interface Manifest {
  name: string;
  /** Types of messages and queries. */
  emits: string[];
  reads: string[];
  sends: string[];
  handles: string[];
  asks: string[];
  answers: string[];
  /** Whether access tokens come from here. */
  issuesTokens: boolean;
}

/** @example manifestOf(orders).emits // ['orders.order-placed.v1', …] */
export function manifestOf(context: Context): Manifest {
  const contracts = context.handles.map(({ contract }) => contract);
  const events = [
    ...contracts.filter(({ kind }) => kind === 'event'),
    ...context.sagas.flatMap((one) => eventsOf(one)),
  ];
  return {
    name: context.name,
    emits: types(context.emits),
    reads: types(events),
    sends: types(context.sends),
    handles: types(contracts.filter(({ kind }) => kind === 'command')),
    asks: types(context.asks),
    answers: types(context.answers.map(({ query }) => query)),
    issuesTokens: context.tokens !== undefined,
  };
}

function types(contracts: readonly { type: string }[]): string[] {
  return [...new Set(contracts.map(({ type }) => type))].sort();
}
