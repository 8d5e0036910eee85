import type { HealthFinding, HealthRegistry } from '@holdfast/observability';
import type { Targets } from './targets.js';

/**
 * Puts every context into the detailed report: its replicas, and what one of them says about its road. Not into readiness:
 * a gateway whose neighbours are away is still the one that can say so.
 */
export function watchTargets(health: HealthRegistry, targets: Targets): void {
  for (const context of targets.contexts) {
    health.register(`${context}.targets`, () => {
      const all = targets.of(context);
      const ready = all.filter((target) => target.ready).length;
      return { status: ready === all.length ? 'up' : ready > 0 ? 'degraded' : 'down', ready, of: all.length };
    });
    health.register(`${context}.road`, () => findingOf(targets, context, `${context}.road`));
  }
}

async function findingOf(targets: Targets, context: string, part: string): Promise<HealthFinding> {
  const target = targets.choose(context);
  if (!target) return { status: 'down', message: 'nobody answers' };
  const { body } = await target.request({ path: '/healthz', method: 'GET' });
  const { details = {} } = (await body.json()) as { details?: Record<string, HealthFinding> };
  return details[part] ?? { status: 'down', message: 'not in the report' };
}
