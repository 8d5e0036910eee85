import { HealthRegistry, registerGauge, registerSagaStates } from '@holdfast/observability';
import { Logger, type INestApplicationContext } from '@nestjs/common';
import { Roads } from '../context/roads.js';

/** Puts the sagas of every context into the metrics, and those that are stuck into `/healthz`. */
export function watchSagas(app: INestApplicationContext): void {
  const sagas = app.get(Roads).sagas();
  const health = app.get(HealthRegistry);
  registerGauge({
    name: 'saga_stuck',
    help: 'Instances of a saga that asked too often without an answer',
    labels: ['context', 'saga'],
    read: async () => {
      const counts = sagas.map(async (one) =>
        (await one.stuck()).map(({ saga, count }) => ({ labels: { context: one.context, saga }, value: count })),
      );
      return (await Promise.all(counts)).flat();
    },
  });
  for (const one of sagas) {
    registerSagaStates(one.context, async () =>
      (await one.states()).map(({ type, status, count }) => ({ saga: type, state: status, count })),
    );
    health.register(`${one.context}.sagas`, async () => {
      const stuck = (await one.stuck()).reduce((sum, { count }) => sum + count, 0);
      return { status: stuck > 0 ? 'degraded' : 'up', stuck };
    });
  }
}

/** Names instances under way whose definition is gone, before their messages are parked. */
export async function warnOfOrphanedSagas(app: INestApplicationContext): Promise<void> {
  const logger = new Logger('Sagas');
  for (const one of app.get(Roads).sagas()) {
    for (const { saga, version, count, ids } of await one.orphans()) {
      logger.warn({
        msg: `${count} instances of saga ${saga} run on version ${version}, which is not in this code: their messages will be parked`,
        context: one.context,
        sagaIds: ids,
        remedy: `list version ${version} in the sagas of ${one.context} until they have ended`,
      });
    }
  }
}
