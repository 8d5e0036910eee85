import type { HealthFinding, HealthRegistry } from '@holdfast/observability';
import type { Fleet } from '@holdfast/routing';
import type { Context } from '../context/context.js';

/**
 * Puts into the detailed report how fresh the lists are and, for every context, its replicas and what one of them says about
 * its road and its sagas. Not into readiness:
 * a gateway whose neighbours are away is still the one that can say so.
 */
export function watchFleet(health: HealthRegistry, fleet: Fleet, contexts: readonly Context[]): void {
  health.register('discovery', () => {
    const { live, ageMs, reason } = fleet.freshness();
    const age = Number.isFinite(ageMs) ? { ageMs: Math.round(ageMs) } : {};
    return { status: live ? 'up' : 'degraded', registry: fleet.registryKind, ...age, ...(reason && { reason }) };
  });
  for (const { name: context, sagas } of contexts) {
    const livesNowhere = () => !fleet.services.includes(context);
    health.register(`${context}.targets`, () => {
      if (livesNowhere()) return NOWHERE;
      const listed = fleet.of(context).filter((replica) => replica.listed !== 'silent');
      const states = listed.map((replica) => replica.stateAt(performance.now()));
      const ready = states.filter((state) => state === 'ready').length;
      const status = ready === 0 ? 'down' : ready === states.length ? 'up' : 'degraded';
      return { status, ready, of: states.length, ...(ready < states.length && { states }) };
    });
    for (const part of sagas.length > 0 ? [`${context}.road`, `${context}.sagas`] : [`${context}.road`])
      health.register(part, () => (livesNowhere() ? NOWHERE : findingOf(fleet, context, part)));
  }
}

/** A topology may leave out contexts that have no routes. */
const NOWHERE: HealthFinding = { status: 'up', message: 'in no process' };

async function findingOf(fleet: Fleet, context: string, part: string): Promise<HealthFinding> {
  const replica = fleet.choose(context);
  if (!replica) return { status: 'down', message: 'nobody answers' };
  const { body } = await replica.host.request({ path: '/healthz', method: 'GET' });
  const { details = {} } = (await body.json()) as { details?: Record<string, HealthFinding> };
  return details[part] ?? { status: 'down', message: 'not in the report' };
}
