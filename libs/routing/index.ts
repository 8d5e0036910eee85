export { choose, type Choice, type ChooseOptions } from './balancing/choose.js';
export { wasNeverSent } from './balancing/connecting.js';
export { Fleet, type FleetOptions } from './balancing/fleet.js';
export { Host, type HostHealth, type HostOptions, type PassedRequest } from './balancing/host.js';
export { OUTLIER_DEFAULTS, type OutlierSettings } from './balancing/outlier.js';
export { pick, type Candidate } from './balancing/pick.js';
export { Replica, type CallOutcome, type ReplicaState } from './balancing/replica.js';
export { RetryBudget, type RetryBudgetOptions } from './balancing/retry-budget.js';
export { DnsRegistry, type DnsRegistryOptions } from './discovery/dns/dns-registry.js';
export type { DnsNames, DnsResolver } from './discovery/dns/lookup.js';
export { FileRegistry, type FileRegistryOptions } from './discovery/file/file-registry.js';
export { InvalidInstances, readInstances } from './discovery/file/read-instances.js';
export type { AnswerControl, AnswerHandler } from './lines/answer-handler.js';
export { pairsOf } from './lines/via-undici.js';
export { keepRegistered, type KeepRegisteredOptions, type Presence } from './discovery/keep-registered.js';
export { NatsKvRegistry, type NatsKvRegistryOptions } from './discovery/nats/nats-kv-registry.js';
export {
  RegistryAway,
  type Freshness,
  type Instance,
  type InstanceState,
  type ListedInstance,
  type Registration,
  type Registry,
  type ServiceWatch,
} from './discovery/registry.js';
export { countRouting, registerRouting } from './routing-metrics.js';
