import { counter, registerGauge } from '@holdfast/observability';
import type { Fleet } from './balancing/fleet.js';
import type { ReplicaState } from './balancing/replica.js';

const STATES: readonly ReplicaState[] = ['ready', 'unknown', 'unready', 'away', 'ejected', 'draining', 'silent'];

const ejections = counter({
  name: 'routing_ejections_total',
  help: 'Replicas left alone for a while because they failed again and again',
  labels: ['service'],
});
const panics = counter({
  name: 'routing_panic_choices_total',
  help: 'Requests sent without regard to health because less than half of the replicas looked healthy',
  labels: ['service'],
});

const retries = counter({
  name: 'routing_retries_total',
  help: 'Requests sent again after an attempt that failed; denied ones had no budget left',
  labels: ['service', 'outcome'],
});

/** Counts ejections and choices made in panic, for {@link FleetOptions}, and retries, for whoever retries. */
export const countRouting = {
  ejected: ({ service }: { service: string }) => ejections.add({ service }),
  panicked: (service: string) => panics.add({ service }),
  retried: (service: string, outcome: 'sent' | 'denied') => retries.add({ service, outcome }),
};

/**
 * Instances by service and state, panic, and the age of the lists.
 *
 * @returns a function that takes the gauges back
 */
export function registerRouting(fleet: Fleet): () => void {
  const instances = registerGauge({
    name: 'routing_instances',
    help: 'Instances of a service as the balancer sees them',
    labels: ['service', 'state'],
    read: () =>
      fleet.services.flatMap((service) => {
        const states = fleet.of(service).map((replica) => replica.stateAt(performance.now()));
        return STATES.map((state) => ({
          labels: { service, state },
          value: states.filter((one) => one === state).length,
        }));
      }),
  });
  const panic = registerGauge({
    name: 'routing_panic',
    help: '1 while less than half of the replicas look healthy',
    labels: ['service'],
    read: () => fleet.services.map((service) => ({ labels: { service }, value: fleet.panics(service) ? 1 : 0 })),
  });
  const age = registerGauge({
    name: 'routing_list_age_seconds',
    help: 'Since the registry was last seen to work; what is older is the last known good list',
    labels: ['registry'],
    read: () => [{ labels: { registry: fleet.registryKind }, value: fleet.freshness().ageMs / 1_000 }],
  });
  return () => [instances, panic, age].forEach((takeBack) => takeBack());
}
