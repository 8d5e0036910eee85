import type { SpanContext } from '@opentelemetry/api';
import { registerGauge, type GaugeSample } from './gauges.js';
import { histogram } from './instruments.js';

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

const httpDuration = histogram({
  name: 'http_server_request_duration_seconds',
  help: 'Time from the request line to the end of the answer',
  labels: ['method', 'route', 'status'],
});

const handlerDuration = histogram({
  name: 'handler_duration_seconds',
  help: 'Time one handler of messages took, its transaction included',
  labels: ['context', 'handler', 'outcome'],
});

/** Notes an HTTP request. `route` is the template, `unmatched` when none matched. */
export function recordHttpRequest(request: {
  method: string;
  route: string;
  status: number;
  seconds: number;
  span?: SpanContext;
}): void {
  const { route, status, seconds, span } = request;
  const method = METHODS.has(request.method) ? request.method : 'other';
  httpDuration.observe({ method, route, status }, seconds, span);
}

/** Notes one run of a message handler. */
export function recordHandler(run: {
  context: string;
  handler: string;
  outcome: 'ok' | 'retried' | 'parked' | 'rejected';
  seconds: number;
}): void {
  const { context, handler, outcome, seconds } = run;
  handlerDuration.observe({ context, handler, outcome }, seconds);
}

/** What a relay has not yet handed on: `outbox_lag_messages`, `outbox_lag_seconds` (age of the oldest). */
export function registerOutboxLag(
  context: string,
  read: () => Promise<{ messages: number; seconds: number }>,
): () => void {
  const shared = sharedReading(read);
  return registerAll(
    [
      [
        'outbox_lag_messages',
        'Committed messages not yet handed to the conveyor',
        async () => (await shared()).messages,
      ],
      ['outbox_lag_seconds', 'Age of the oldest message not yet handed on', async () => (await shared()).seconds],
    ],
    context,
  );
}

/** What waits in an inbox: `inbox_backlog_messages`, `inbox_oldest_seconds`, `inbox_parked_messages`. */
export function registerInboxBacklog(
  context: string,
  read: () => Promise<{ messages: number; oldestSeconds: number; parked: number }>,
): () => void {
  const shared = sharedReading(read);
  return registerAll(
    [
      ['inbox_backlog_messages', 'Messages due and not yet handled', async () => (await shared()).messages],
      [
        'inbox_oldest_seconds',
        'How long the oldest due message has waited',
        async () => (await shared()).oldestSeconds,
      ],
      ['inbox_parked_messages', 'Messages given up on, waiting for an operator', async () => (await shared()).parked],
    ],
    context,
  );
}

/** `saga_instances{context,saga,state}`: how many instances are in each state. */
export function registerSagaStates(
  context: string,
  read: () => Promise<{ saga: string; state: string; count: number }[]>,
): () => void {
  return registerGauge({
    name: 'saga_instances',
    help: 'Instances of a saga by state',
    labels: ['context', 'saga', 'state'],
    read: async () =>
      (await read()).map(({ saga, state, count }) => ({ labels: { context, saga, state }, value: count })),
  });
}

/** `pg_pool_connections{context,pool,state}` of a pool such as those of `pg`. */
export function registerPool(
  context: string,
  pool: { readonly totalCount: number; readonly idleCount: number; readonly waitingCount: number },
  name = 'main',
): () => void {
  const sample = (state: string, value: number): GaugeSample => ({ labels: { context, pool: name, state }, value });
  return registerGauge({
    name: 'pg_pool_connections',
    help: 'Connections open and idle, and requests waiting for one',
    labels: ['context', 'pool', 'state'],
    read: () => [
      sample('total', pool.totalCount),
      sample('idle', pool.idleCount),
      sample('waiting', pool.waitingCount),
    ],
  });
}

function registerAll(gauges: [name: string, help: string, read: () => Promise<number>][], context: string): () => void {
  const takeBack = gauges.map(([name, help, read]) =>
    registerGauge({
      name,
      help,
      labels: ['context'],
      read: async () => [{ labels: { context }, value: await read() }],
    }),
  );
  return () => takeBack.forEach((undo) => undo());
}

/** Gauges that come from one question to the database ask it once per scrape. */
function sharedReading<T>(read: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => (running ??= read().finally(() => (running = undefined)));
}
