import type { HealthFinding, HealthRegistry } from '@holdfast/observability';
import type { Fleet, Host } from '@holdfast/routing';
import type { Context } from '../context/context.js';

/**
 * Puts into the detailed report how fresh the lists are and, for every context, its replicas and what one of them says about
 * its road and its sagas. Not into readiness: a gateway whose neighbours are away is still the one that can say so.
 */
export function watchFleet(health: HealthRegistry, fleet: Fleet, contexts: readonly Context[]): void {
  health.register('discovery', () => {
    const { live, ageMs, reason } = fleet.freshness();
    const age = Number.isFinite(ageMs) ? { ageMs: Math.round(ageMs) } : {};
    return { status: live ? 'up' : 'degraded', registry: fleet.registryKind, ...age, ...(reason && { reason }) };
  });
  const reports = new Reports(fleet);
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
      health.register(part, () => (livesNowhere() ? NOWHERE : reports.finding(context, part)), { withinMs: WITHIN_MS });
  }
}

/** A topology may leave out contexts that have no routes. */
const NOWHERE: HealthFinding = { status: 'up', message: 'in no process' };

type Details = Record<string, HealthFinding>;

/** Milliseconds for a process to tell how it is: it waits one second for its own slowest part, and names it then. */
const PATIENCE_MS = 2_000;

/** Somewhat more, so that what came of the question is heard. */
const WITHIN_MS = PATIENCE_MS + 500;

/** What processes say of themselves. Each is asked once for all that somebody wants to know of it at the same time. */
class Reports {
  private readonly asked = new Map<Host, Promise<Details>>();

  constructor(private readonly fleet: Fleet) {}

  async finding(context: string, part: string): Promise<HealthFinding> {
    const asked = this.fleet.of(context).find(({ host }) => this.asked.has(host));
    const host = (asked ?? this.fleet.choose(context))?.host;
    if (!host) return { status: 'down', message: 'nobody answers' };
    return (await this.of(host))[part] ?? { status: 'down', message: 'not in the report' };
  }

  private of(host: Host): Promise<Details> {
    const asked = this.asked.get(host);
    if (asked) return asked;
    const report = detailsOf(host).finally(() => this.asked.delete(host));
    this.asked.set(host, report);
    return report;
  }
}

async function detailsOf(host: Host): Promise<Details> {
  const { body } = await host.request({ path: '/healthz', method: 'GET', signal: AbortSignal.timeout(PATIENCE_MS) });
  const { details = {} } = (await body.json()) as { details?: Details };
  return details;
}
