import { Readiness, type Tracing } from '@holdfast/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Roads } from '../context/roads.js';
import type { ContextPresence } from '../discovery/context-presence.js';
import type { Edge } from '../http/edge.js';
import { Shutdown, waitForRouting } from '../shutdown/shutdown.js';

interface Running {
  app: NestFastifyApplication;
  edge: Edge;
  tracing: Tracing;
  /** Milliseconds the process still answers after saying it is not ready. */
  routingWaitMs: number;
  presence: ContextPresence;
}

/** The one order in which a process ends: told to others first, what it needs itself last. */
export function drainOnSignal({ app, edge, tracing, routingWaitMs, presence }: Running): Shutdown {
  const roads = app.get(Roads).all();
  const waitMs = Math.max(routingWaitMs, presence.drainMs);
  return new Shutdown({
    steps: [
      {
        name: 'not ready, no new work',
        run: () => {
          app.get(Readiness).draining();
          edge.state.startDraining();
          return presence.drain();
        },
        limitMs: 1_500,
      },
      { name: 'wait for routing', run: waitForRouting(waitMs), limitMs: waitMs + 500 },
      { name: 'stop accepting connections', run: () => edge.state.stopAccepting() },
      {
        name: 'stop handling messages',
        run: () => Promise.all(roads.map((road) => road.stopHandling())),
        limitMs: 10_000,
      },
      { name: 'release leadership', run: () => Promise.all(roads.map((road) => road.releaseLeadership())) },
      { name: 'finish requests', run: () => edge.state.finish(8_000), limitMs: 8_500 },
      { name: 'leave the registry', run: () => presence.leave(), limitMs: 1_500 },
      { name: 'close application and pools', run: () => closeAll(app) },
      { name: 'flush traces', run: () => tracing.shutdown() },
    ],
  }).listen();
}

async function closeAll(app: NestFastifyApplication): Promise<void> {
  const pools = app
    .get(Roads)
    .all()
    .map(({ database }) => database.pool);
  await app.close();
  await Promise.all(pools.filter((pool) => !pool.ended).map((pool) => pool.end()));
}
