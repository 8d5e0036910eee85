import { setTimeout as delay } from 'node:timers/promises';
import type { Freshness, ListedInstance, Registry, ServiceWatch } from '../discovery/registry.js';
import { FRESH_MS, choose } from './choose.js';
import { Host, type HostOptions } from './host.js';
import { OUTLIER_DEFAULTS, type OutlierSettings } from './outlier.js';
import { Replica, type CallOutcome } from './replica.js';

/** A fleet's registry, its services, and how its hosts are connected to. */
export interface FleetOptions extends HostOptions {
  registry: Registry;
  /** All that may be there. */
  services: readonly string[];
  /** Those that must be there: their absence is shown, not taken for granted. Default all. */
  required?: readonly string[];
  outliers?: Partial<OutlierSettings>;
  /** Uniform in [0, 1); default `Math.random`. */
  random?: () => number;
  /** Milliseconds, monotonic; default `performance.now`. */
  now?: () => number;
  /** Told about every ejection. */
  ejected?: (replica: Replica) => void;
  /** Told about every choice made in panic mode. */
  panicked?: (service: string) => void;
}

/** How often it is looked whether all are there. */
const ASSEMBLED_EVERY_MS = 50;

/** Every process behind a balancer, who of them answers for which service, and which of them are well. */
export class Fleet {
  private readonly hosts = new Map<string, Host>();
  private readonly replicas = new Map<string, readonly Replica[]>();
  private readonly watches: ServiceWatch[];
  private readonly settings: OutlierSettings;
  private readonly now: () => number;
  private everyMs: number | undefined;
  private freshMs = FRESH_MS;
  private closed = false;

  constructor(private readonly options: FleetOptions) {
    this.settings = { ...OUTLIER_DEFAULTS, ...options.outliers };
    this.now = options.now ?? (() => performance.now());
    this.watches = options.services.map((service) => {
      const watch = options.registry.watch(service);
      watch.onChange((instances) => this.listed(service, instances));
      this.listed(service, watch.instances);
      return watch;
    });
  }

  /** The services that must be there and those that are. */
  get services(): readonly string[] {
    const { services, required = services } = this.options;
    return services.filter((service) => required.includes(service) || this.of(service).length > 0);
  }

  /** What keeps the lists: `nats`, `file`, `dns`. */
  get registryKind(): string {
    return this.options.registry.kind;
  }

  freshness(): Freshness {
    return this.options.registry.freshness();
  }

  /** Every process once, whatever it answers for. */
  all(): readonly Host[] {
    return [...this.hosts.values()];
  }

  /** What the registry says is answered at an origin such as `https://10.1.2.3:3000`. */
  servicesAt(origin: string): readonly string[] {
    const isThere = ({ url }: Replica): boolean => new URL(url).origin === origin;
    return this.options.services.filter((service) => this.of(service).some(isThere));
  }

  of(service: string): readonly Replica[] {
    return this.replicas.get(service) ?? [];
  }

  /** The processes of a service that may be asked a question which is for each of them. */
  askable(service: string): readonly Replica[] {
    return this.of(service).filter(({ listed, host }) => host.usable && (listed !== 'silent' || host.ready));
  }

  /**
   * The replica that gets the next request (see `choose`); undefined when none can be asked.
   *
   * @param except replicas that were tried already
   */
  choose(service: string, except?: ReadonlySet<Replica>): Replica | undefined {
    const { random } = this.options;
    const { replica, panic } = choose(this.of(service), {
      now: this.now(),
      settings: this.settings,
      freshMs: this.freshMs,
      ...(except && { except }),
      ...(random && { random }),
    });
    if (panic) this.options.panicked?.(service);
    return replica;
  }

  /** Whether so few of a service's replicas are healthy that health is ignored. */
  panics(service: string): boolean {
    return choose(this.of(service), { now: this.now(), settings: this.settings }).panic;
  }

  /** To be told how every call ended: outliers are found by it. */
  ended(replica: Replica, outcome: CallOutcome): void {
    if (outcome === 'neutral') return;
    if (outcome === 'answered') return replica.outliers.succeeded();
    if (outcome === 'refused') replica.host.refused();
    if (!replica.outliers.failed()) return;
    const now = this.now();
    const all = this.of(replica.service).filter(({ listed }) => listed === 'up');
    const ejected = all.filter(({ outliers }) => outliers.ejectedAt(now)).length;
    if (replica.outliers.ejectedAt(now) || ejected + 1 > all.length * this.settings.maxEjected) return;
    replica.outliers.eject(now);
    this.options.ejected?.(replica);
  }

  /**
   * Waits for the first lists, then asks every process again and again whether it is ready; the first round is over when
   * this resolves.
   *
   * @param everyMs milliseconds; one that is not ready is asked five times as often, so that it is found soon
   * @param withinMs how long the first lists are waited for; default 2,000
   */
  async start(everyMs: number, withinMs = 2_000): Promise<void> {
    this.freshMs = Math.max(FRESH_MS, 2 * everyMs + 1_000); // two probes, and as long as an answer to one may take
    const given = Promise.all(this.watches.map(({ ready }) => ready));
    const over = new AbortController(); // the timer is what keeps a process alive that does nothing else yet
    await Promise.race([given, delay(withinMs, undefined, { signal: over.signal }).catch(() => {})]);
    over.abort();
    await Promise.all(this.all().map((host) => host.probe()));
    this.everyMs = everyMs;
    for (const host of this.all()) void this.keepProbing(host, everyMs);
  }

  /**
   * Waits until each service that must be there has a process that is ready.
   *
   * @param withinMs milliseconds
   * @returns the services that have none by then
   */
  async assembled(withinMs: number): Promise<readonly string[]> {
    const end = this.now() + withinMs;
    for (;;) {
      const missing = this.services.filter((service) => !this.of(service).some(({ host }) => host.ready));
      if (missing.length === 0 || this.closed || this.now() >= end) return missing;
      await delay(ASSEMBLED_EVERY_MS);
    }
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const watch of this.watches) watch.close();
    await Promise.all(this.all().map((host) => host.destroy()));
    this.hosts.clear();
  }

  private listed(service: string, instances: readonly ListedInstance[]): void {
    if (this.closed) return;
    const before = new Map(this.of(service).map((replica) => [replica.url, replica]));
    const byUrl = new Map(instances.map((instance) => [instance.url, instance]));
    const now = [...byUrl.values()].map((instance) => {
      const known = before.get(instance.url);
      if (!known) return new Replica(service, this.hostAt(instance.url), instance, this.settings);
      if (known.instance.id !== instance.id) known.outliers.pardon();
      known.instance = instance;
      return known;
    });
    this.replicas.set(service, now);
    const needed = new Set([...this.replicas.values()].flat().map(({ url }) => url));
    for (const [url, host] of this.hosts) {
      if (needed.has(url)) continue;
      this.hosts.delete(url);
      void host.retire().catch(() => {});
    }
  }

  private hostAt(url: string): Host {
    const known = this.hosts.get(url);
    if (known) return known;
    const host = new Host(url, this.options, (back) => this.cameBack(back));
    this.hosts.set(url, host);
    if (this.everyMs !== undefined) void this.keepProbing(host, this.everyMs);
    return host;
  }

  private cameBack(host: Host): void {
    for (const replicas of this.replicas.values())
      for (const replica of replicas) if (replica.host === host) replica.outliers.pardon();
  }

  /** One that the registry does not hear of either is most likely gone. */
  private pauseAfter(host: Host, everyMs: number): number {
    const isListed = [...this.replicas.values()].flat().some((one) => one.host === host && one.listed !== 'silent');
    if (host.ready) return everyMs;
    return isListed ? everyMs / 5 : everyMs * 2;
  }

  private async keepProbing(host: Host, everyMs: number): Promise<void> {
    while (!this.closed && this.hosts.get(host.url) === host) {
      await host.probe();
      await delay(this.pauseAfter(host, everyMs), undefined, { ref: false });
    }
  }
}
