import { describeConfig } from '@holdfast/configuration';
import { eventsOf } from '@holdfast/data-consistency';
import { contextDatabaseConfig } from '@holdfast/database';
import { timersOf } from './check-edges.js';
import type { Context } from './context.js';

/** What a context says about itself, as plain JSON: enough to plan processes without starting any. */
export interface Manifest {
  name: string;
  /** Types of messages and queries. */
  emits: string[];
  reads: string[];
  sends: string[];
  /** Commands of its sagas' timers to itself. */
  timers: string[];
  handles: string[];
  asks: string[];
  answers: string[];
  /** Whether access tokens come from here. */
  issuesTokens: boolean;
  /** Variables it must be given in production: its role's URL first, then its own secrets, then settings without a default. */
  needs: { secrets: string[]; settings: string[] };
  /** Variables of everything secret it may be given, needed or not. */
  secrets: string[];
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
    timers: types(timersOf(context)),
    handles: types(contracts.filter(({ kind }) => kind === 'command')),
    asks: types(context.asks),
    answers: types(context.answers.map(({ query }) => query)),
    issuesTokens: context.tokens !== undefined,
    needs: needsOf(context),
    secrets: describeConfig(context.config).flatMap(({ secret, variable }) => (secret ? [variable] : [])),
  };
}

/** A secret with a default for development has none in production. */
function needsOf({ name, config }: Context): Manifest['needs'] {
  const own = describeConfig(config).filter((one) => one.required || (one.secret && one.default !== undefined));
  const variables = (secret: boolean) => own.filter((one) => one.secret === secret).map(({ variable }) => variable);
  const role = describeConfig([contextDatabaseConfig(name)]).map(({ variable }) => variable);
  return { secrets: [...role, ...variables(true)], settings: variables(false) };
}

function types(contracts: readonly { type: string }[]): string[] {
  return [...new Set(contracts.map(({ type }) => type))].sort();
}
