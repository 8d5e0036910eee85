import type { Fleet } from '@holdfast/routing';
import type { Resident } from '../operations/topology.controller.js';

/**
 * One list of who lives where: what each process says of itself, and what is thought of it here (its state, how much it has
 * to do for us). Who did not answer is in it with what the registry knows.
 *
 * @param said the answers by address
 */
export function mergedTopology(fleet: Fleet, said: ReadonlyMap<string, string>) {
  const own = new Map(
    [...said].map(([url, text]) => [url, (JSON.parse(text) as { items: Resident[] }).items] as const),
  );
  const { live, ageMs, reason } = fleet.freshness();
  const items = fleet.services.flatMap((context) =>
    fleet.of(context).map((replica) => ({
      context,
      process: replica.instance.process ?? null,
      ...own.get(replica.url)?.find((resident) => resident.context === context),
      url: replica.url,
      instance: replica.instance.id,
      state: replica.stateAt(performance.now()),
      inFlight: replica.inFlight,
    })),
  );
  const age = Number.isFinite(ageMs) ? Math.round(ageMs) : null;
  return { items, registry: { kind: fleet.registryKind, live, ageMs: age, ...(reason && { reason }) } };
}
