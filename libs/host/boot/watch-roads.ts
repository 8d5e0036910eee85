import { HealthRegistry, registerInboxBacklog, registerOutboxLag, registerPool } from '@holdfast/observability';
import type { INestApplicationContext } from '@nestjs/common';
import { Roads } from '../context/roads.js';

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
      const { outbox, inbox, parked } = await operations.backlog();
      return { status: parked > 0 ? 'degraded' : 'up', outbox, inbox, parked };
    });
  }
  for (const { context, database } of roads.all()) registerPool(context, database.pool);
}
