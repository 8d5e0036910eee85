import { InProcessConveyor, JetStreamConveyor, NatsQueries, Queries, connectNats } from '@holdfast/messaging';
import type { Conveyor, JetStreamConveyorOptions, NatsAddress, QueryTravel } from '@holdfast/messaging';
import {
  currentCorrelation,
  currentTraceparent,
  parentFrom,
  runWithCorrelation,
  withSpan,
} from '@holdfast/observability';
import { currentPrincipal, principalFromEnvelope, principalToEnvelope, runAs } from '@holdfast/security';
import { Injectable, type OnApplicationShutdown, type Provider } from '@nestjs/common';
import { setTimeout as delay } from 'node:timers/promises';
import { timersOf } from '../context/check-edges.js';
import type { Context } from '../context/context.js';
import { RoadWatch } from '../operations/road-watch.js';

/** Token of the one conveyor of a process. */
export const CONVEYOR = Symbol('holdfast:conveyor');

/** A server that is there has taken them by then. */
const LAST_WORDS_MS = 1_000;

type NatsConnection = Awaited<ReturnType<typeof connectNats>>;

/** The line to other processes, if there are any: everything goes over NATS, or nothing does. */
@Injectable()
export class Line implements OnApplicationShutdown {
  constructor(readonly connection?: NatsConnection) {}

  /** Waits for a server that is not there yet. */
  static async open({ nats, name }: LineOptions): Promise<Line> {
    if (!nats) return new Line();
    return new Line(await connectNats({ ...nats, name: `holdfast-${name}` }));
  }

  /** What was said last is sent before it closes. Where no server answers there is nobody to say it to, which is no fault. */
  async onApplicationShutdown(): Promise<void> {
    const { connection } = this;
    if (!connection || connection.isClosed()) return;
    await Promise.race([connection.drain().catch(() => undefined), delay(LAST_WORDS_MS, undefined, { ref: false })]);
    await connection.close();
  }
}

export interface LineOptions {
  name: string;
  /** Unset: all contexts are in this process. */
  nats: Omit<NatsAddress, 'name'> | undefined;
  contexts: readonly Context[];
  /** How contexts in this process ask each other (ADR 14). */
  queries: 'strict' | 'direct';
}

/** What carries messages and asks questions: in this process, or over NATS. */
export function lineProviders(options: LineOptions): Provider[] {
  return [
    { provide: Line, useFactory: () => Line.open(options) },
    {
      provide: CONVEYOR,
      inject: [Line, RoadWatch],
      useFactory: ({ connection }: Line, watch: RoadWatch): Conveyor | Promise<Conveyor> => {
        if (!connection) return new InProcessConveyor();
        const { failed } = watch.over('nats');
        return JetStreamConveyor.on({ connection, failed, ...commandsOf(options.contexts) });
      },
    },
    {
      provide: Queries,
      inject: [Line],
      useFactory: ({ connection }: Line): Queries => {
        const strict = options.queries === 'strict';
        return connection ? new NatsQueries({ connection, travel, strict }) : new Queries({ strict });
      },
    },
  ];
}

/** What the contexts say of the commands they send, by name or by a saga's timer; the type of one to itself does not show it. */
function commandsOf(contexts: readonly Context[]): Pick<JetStreamConveyorOptions, 'isOwnCommand' | 'commandedBy'> {
  const sentBy = new Map(contexts.map((context) => [context.name, [...context.sends, ...timersOf(context)]]));
  const types = new Set([...sentBy.values()].flat().map(({ type }) => type));
  return {
    isOwnCommand: ({ type }) => types.has(type),
    commandedBy: (source) => [...new Set(sentBy.get(source)?.map(({ context }) => context))],
  };
}

const travel: QueryTravel = {
  leave: () => {
    const traceparent = currentTraceparent();
    const correlation = currentCorrelation();
    const principal = principalToEnvelope(currentPrincipal());
    return {
      ...(traceparent !== undefined && { traceparent }),
      ...(correlation && { correlationId: correlation.correlationId }),
      ...(principal && { principal }),
    };
  },
  arrive: ({ traceparent, correlationId, principal }, work) => {
    const parent = parentFrom(traceparent);
    const attributes = { 'messaging.system': 'nats', 'messaging.operation.type': 'process' };
    const traced = () =>
      withSpan('answer query', { kind: 'server', attributes, ...(parent && { parent }) }, work as never);
    const asked = () => runAs(principalFromEnvelope(principal), traced);
    return (correlationId ? runWithCorrelation({ correlationId }, asked) : asked()) as ReturnType<typeof work>;
  },
};
