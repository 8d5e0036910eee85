/** One process that answers for one service, as it describes itself. */
export interface Instance {
  readonly service: string;
  /** Its own among all instances of the service, and of no earlier life of the same process: letters, digits, `_`, `-`. */
  readonly id: string;
  /** Where it answers, scheme included: `http://10.0.0.7:3000`. */
  readonly url: string;
  /** What people call the process. */
  readonly process?: string;
  /** It finishes what it has and takes no new work. */
  readonly draining?: boolean;
}

/**
 * What an observer thinks of an instance: `up` said so lately (or is listed by who keeps the list), `draining` is on its
 * way out, `silent` has not been heard of for too long. A silent one is nobody's first choice.
 */
export type InstanceState = 'up' | 'draining' | 'silent';

/** An instance as an observer sees it. */
export interface ListedInstance extends Instance {
  readonly state: InstanceState;
}

/** An instance's own entry. Every call rejects while the registry is away; nothing breaks by that. */
export interface Registration {
  /** Still here. To be called about every second; `keepRegistered` does. */
  renew(): Promise<void>;
  /** No new work from now on. Observers see it before this process stops accepting, if it waits a moment. */
  drain(): Promise<void>;
  /** Gone, for good. */
  leave(): Promise<void>;
}

/** The instances of one service as they come and go. */
export interface ServiceWatch {
  /** The last list there was: a fault of the registry never makes it shorter. */
  readonly instances: readonly ListedInstance[];
  /** Resolves with the first list there is, which may be empty; stays open while the registry never spoke. */
  readonly ready: Promise<void>;
  /** @returns a function that ends this subscription */
  onChange(listener: (instances: readonly ListedInstance[]) => void): () => void;
  close(): void;
}

/** How fresh an observer's lists are. */
export interface Freshness {
  /** Milliseconds since the registry was last known to work; `Infinity` if it never was. */
  readonly ageMs: number;
  /** False while the lists are the last known good ones. */
  readonly live: boolean;
  /** Why not, for people. */
  readonly reason?: string;
}

/**
 * Who answers for what, and where. Three keep the same rules (`registry-conformance.fixture.ts`): {@link NatsKvRegistry},
 * {@link FileRegistry}, {@link DnsRegistry}.
 */
export interface Registry {
  /** What it is, for people: `nats`, `file`, `dns`. */
  readonly kind: string;
  /**
   * Announces an instance. Where somebody else keeps the list (a file, DNS), there is nothing to announce and this does
   * nothing.
   *
   * @throws RegistryAway when it could not be told; try again
   */
  register(instance: Instance): Promise<Registration>;
  /** @example registry.watch('letters').onChange((instances) => …) */
  watch(service: string): ServiceWatch;
  freshness(): Freshness;
  close(): Promise<void>;
}

/** The registry could not be told, or asked. What is known stays as it is. */
export class RegistryAway extends Error {
  override readonly name = 'RegistryAway';
}

/** For a list that somebody else keeps. */
export const NOTHING_TO_ANNOUNCE: Registration = {
  renew: () => Promise.resolve(),
  drain: () => Promise.resolve(),
  leave: () => Promise.resolve(),
};
