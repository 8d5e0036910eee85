import {
  HealthRegistry,
  registerGauge,
  registerInboxBacklog,
  registerOutboxLag,
  registerPool,
} from '@holdfast/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { Roads } from '../context/roads.js';

/** Longer than any transaction of ours may be open, seconds. */
const STALLED_AFTER = 10;

/** Puts every road's backlog and pool into the metrics and into `/healthz`. */
export function watchRoads(app: INestApplicationContext): void {
  const roads = app.get(Roads);
  const health = app.get(HealthRegistry);
  for (const operations of roads.operations()) {
    const { context } = operations;
    registerOutboxLag(context, async () => {
      const { outbox, outboxSeconds } = await operations.backlog();
      return { messages: outbox, seconds: outboxSeconds };
    });
    registerInboxBacklog(context, async () => {
      const { inbox, inboxSeconds, parked } = await operations.backlog();
      return { messages: inbox, oldestSeconds: inboxSeconds, parked };
    });
    health.register(`${context}.road`, async () => {
      const [{ outbox, inbox, parked }, { waitingSeconds }] = await Promise.all([
        operations.backlog(),
        operations.horizon(),
      ]);
      const stalled = waitingSeconds > STALLED_AFTER;
      return {
        status: parked > 0 || stalled ? 'degraded' : 'up',
        outbox,
        inbox,
        parked,
        ...(stalled && { waitingSeconds }),
      };
    });
  }
  registerGauge({
    name: 'outbox_horizon_wait_seconds',
    help: 'Age of the oldest message that waits for an open transaction, of anybody in the cluster',
    labels: ['context'],
    read: () =>
      Promise.all(
        roads.operations().map(async (one) => {
          const { waitingSeconds } = await one.horizon();
          return { labels: { context: one.context }, value: waitingSeconds };
        }),
      ),
  });
  for (const { context, database } of roads.all()) registerPool(context, database.pool);
}
