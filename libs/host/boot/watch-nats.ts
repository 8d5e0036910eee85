import { ConnectionWatch } from '@holdfast/messaging';
import { HealthRegistry, registerGauge, type HealthFinding } from '@holdfast/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { Roads } from '../context/roads.js';
import { Line } from './line.js';

/** Puts the connection to NATS and what waits in its streams into the metrics and into `/healthz`; nothing without NATS. */
export function watchNats(app: INestApplicationContext): void {
  const { connection } = app.get(Line);
  if (!connection) return;
  const watch = new ConnectionWatch(connection);
  const roads = app.get(Roads).all();
  app.get(HealthRegistry).register('nats', async () => {
    if (watch.state().state !== 'connected') return findingOf(watch, {});
    const incoming = await Promise.all(roads.map(async (road) => [road.context, await incomingOf(road)]));
    return findingOf(watch, Object.fromEntries(incoming) as Record<string, unknown>);
  });
  registerGauge({
    name: 'nats_connected',
    help: 'Whether there is a connection to NATS',
    labels: [],
    read: () => (watch.state().state === 'connected' ? 1 : 0),
  });
  registerGauge({
    name: 'nats_reconnects',
    help: 'How often the connection to NATS was made again since the start',
    labels: [],
    read: () => watch.state().reconnects,
  });
  for (const road of roads) {
    registerGauge({
      name: 'stream_lag_messages',
      help: 'Messages that a stream holds for a context and that are not in its inbox yet',
      labels: ['context', 'stream'],
      read: async () => {
        const lags = Object.entries(await road.incoming());
        return lags.map(([stream, value]) => ({ labels: { context: road.context, stream }, value }));
      },
    });
  }
}

type Asked = { incoming(): Promise<Record<string, number>> };

function incomingOf(road: Asked): Promise<Record<string, number> | 'not known'> {
  return road.incoming().catch(() => 'not known' as const);
}

function findingOf(watch: ConnectionWatch, incoming: Record<string, unknown>): HealthFinding {
  const { maxPayload, needed, ...state } = watch.state();
  if (state.state !== 'connected') return { status: 'down', ...state, message: 'messages wait in their outboxes' };
  if (maxPayload === undefined || maxPayload >= needed) return { status: 'up', ...state, incoming };
  const message = `the server takes ${maxPayload} bytes per message: set its max_payload to ${needed} or more`;
  return { status: 'degraded', ...state, incoming, message };
}
