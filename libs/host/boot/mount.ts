import {
  DEFAULT_BACKOFF_MS,
  DEFAULT_MAX_ATTEMPTS,
  SagaOperations,
  SagaRunner,
  type MessageHandler,
  type Transaction,
} from '@holdfast/data-consistency';
import { Queries, type Message } from '@holdfast/messaging';
import type { DynamicModule, INestApplicationContext, Type } from '@nestjs/common';
import { OwnRoad } from '../context/context.module.js';
import type { Context } from '../context/context.js';
import { Roads } from '../context/roads.js';
import { RoadWatch } from '../operations/road-watch.js';

/** A context with the dynamic module it was mounted as. */
export interface MountedContext {
  context: Context;
  module: DynamicModule;
}

type Instance = Record<string, (...input: unknown[]) => unknown>;
type Lookup = (type: Type) => Instance;

/** Connects every context's handlers, answerers and sagas; from here on messages find their readers. */
export function connectContexts(app: INestApplicationContext, mounted: readonly MountedContext[]): void {
  const roads = app.get(Roads);
  const queries = app.get(Queries);
  const watch = app.get(RoadWatch);
  for (const { context, module } of mounted) {
    const inside = app.select(module);
    const lookup: Lookup = (type) => inside.get<Instance>(type, { strict: true });
    for (const { query, provider, method } of context.answers) {
      const answerer = lookup(provider);
      queries.answer(query, (input) => answerer[method]!(input) as never);
    }
    const { road, operations } = inside.get(OwnRoad, { strict: true });
    const runners = sagaRunners(context, watch);
    road.connect([...declaredHandlers(context, lookup), ...runners.flatMap((runner) => runner.handlers())]);
    const sagas = new SagaOperations({ context: context.name, database: road.database, work: road.work, runners });
    roads.add({ context, road, operations, sagas });
  }
}

function declaredHandlers({ handles }: Context, lookup: Lookup): MessageHandler[] {
  return handles.map(({ name, contract, method, provider, lane, maxAttempts, backoffMs }) => ({
    name,
    contract,
    lane: lane ?? '',
    maxAttempts: maxAttempts ?? DEFAULT_MAX_ATTEMPTS,
    backoffMs: backoffMs ?? DEFAULT_BACKOFF_MS,
    handle: (data: unknown, tx: Transaction, message: Message) => lookup(provider)[method]!(data, tx, message),
  }));
}

function sagaRunners({ name, sagas }: Context, watch: RoadWatch): SagaRunner[] {
  const versions = Map.groupBy(sagas, (saga) => saga.name);
  return [...versions.values()].map((ofOne) => new SagaRunner(name, ofOne, (stuck) => watch.gotStuck(name, stuck)));
}
