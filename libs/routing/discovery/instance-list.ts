import type { Freshness, Instance, InstanceState, ListedInstance, ServiceWatch } from './registry.js';

/** When silence means something. */
export interface InstanceListOptions {
  /**
   * Milliseconds without a heartbeat, measured here from the arrival of the last one, after which an instance is silent;
   * default `Infinity` for lists that somebody else keeps. Clocks of other machines are never compared.
   */
  ttlMs?: number;
  /**
   * Milliseconds without a sign of life of the registry itself after which it counts as away, and silence proves nothing.
   * Shorter than the TTL by more than a heartbeat, so that the registry is suspected before any instance is.
   */
  awayAfterMs: number;
  /** Milliseconds of silence after which an instance is forgotten; default 15 min, more than a link is usually away. */
  forgetAfterMs?: number;
  /** Milliseconds, monotonic; default `performance.now`. */
  now?: () => number;
  /** Runs `work` after `ms`; default an unreferenced `setTimeout`. Returns what cancels it. */
  after?: (ms: number, work: () => void) => () => void;
}

interface Entry {
  instance: Instance;
  heardAt: number;
}

/**
 * What one observer knows: who was heard of when, and whether the registry works. An instance turns silent only while the
 * registry is known to work; when it comes back from being away, everybody gets one whole TTL to be heard again. So a fault
 * of the registry never empties a list (static stability).
 */
export class InstanceList {
  private readonly services = new Map<string, Map<string, Entry>>();
  private readonly watches = new Map<string, Set<Watch>>();
  private readonly shown = new Map<string, string>();
  /** Who was found silent; a heartbeat makes a new entry. */
  private readonly silent = new WeakSet<Entry>();
  private readonly now: () => number;
  private readonly after: NonNullable<InstanceListOptions['after']>;
  private readonly ttlMs: number;
  private cancel: (() => void) | undefined;
  private provedAt = -Infinity;
  /** Whether the registry has spoken of every service there is. */
  private complete = false;
  private fault: string | undefined;
  private closed = false;

  constructor(private readonly options: InstanceListOptions) {
    this.now = options.now ?? (() => performance.now());
    this.after = options.after ?? unreferenced;
    this.ttlMs = options.ttlMs ?? Infinity;
  }

  /** A heartbeat came in, `agoMs` milliseconds ago; more than a TTL ago it tells nothing about a stranger. */
  heard(instance: Instance, agoMs = 0): void {
    const heardAt = this.now() - agoMs;
    const entries = this.entriesOf(instance.service);
    const known = entries.get(instance.id);
    if (!known && agoMs >= this.ttlMs) return;
    // An address has one tenant: who comes under it later has replaced whoever was there before.
    if (!known) for (const [id, one] of entries) if (one.instance.url === instance.url) entries.delete(id);
    entries.set(instance.id, { instance, heardAt: Math.max(heardAt, known?.heardAt ?? -Infinity) });
    this.tell(instance.service);
  }

  /** It said good-bye, or was taken out of the list. */
  gone(service: string, id: string): void {
    if (this.entriesOf(service).delete(id)) this.tell(service);
  }

  /** The whole list of one service, from a registry that always says all of it. */
  replace(service: string, instances: readonly Instance[]): void {
    const heardAt = this.now();
    this.services.set(service, new Map(instances.map((instance) => [instance.id, { instance, heardAt }])));
    this.answered(service);
    this.tell(service);
  }

  /** The registry has spoken of this service; what it said may not have been a list yet. */
  answered(service: string): void {
    this.entriesOf(service);
    for (const watch of this.watches.get(service) ?? []) watch.begin();
  }

  /** What counts until the registry has spoken for the first time. */
  seed(instances: readonly Instance[]): void {
    for (const [service, group] of Map.groupBy(instances, (one) => one.service))
      if (!this.services.has(service)) this.replace(service, group);
  }

  /**
   * The registry was seen to work.
   *
   * @param complete whether it has spoken of every service by now, default true; else see {@link answered}
   */
  proved({ complete = true }: { complete?: boolean } = {}): void {
    const now = this.now();
    const wasAway = now - this.provedAt > this.options.awayAfterMs;
    this.provedAt = now;
    this.fault = undefined;
    if (wasAway)
      for (const entries of this.services.values())
        for (const entry of entries.values()) entry.heardAt = Math.max(entry.heardAt, now);
    this.complete ||= complete;
    if (complete) for (const watches of this.watches.values()) for (const watch of watches) watch.begin();
    this.review();
  }

  /** The registry could not be asked, or said nonsense. */
  failed(reason: string): void {
    this.fault = reason;
  }

  freshness(): Freshness {
    const ageMs = this.now() - this.provedAt;
    const live = ageMs <= this.options.awayAfterMs && this.fault === undefined;
    if (live) return { ageMs, live };
    return { ageMs, live, reason: this.fault ?? (ageMs === Infinity ? 'never heard of it' : 'it is silent') };
  }

  of(service: string): readonly ListedInstance[] {
    const entries = this.services.get(service);
    return entries ? [...entries.values()].map((entry) => ({ ...entry.instance, state: this.stateOf(entry) })) : [];
  }

  watch(service: string): ServiceWatch {
    const watches = this.watches.get(service) ?? new Set();
    this.watches.set(service, watches);
    const watch = new Watch(
      () => this.of(service),
      () => watches.delete(watch),
    );
    watches.add(watch);
    if (this.complete || this.services.has(service)) watch.begin();
    return watch;
  }

  close(): void {
    this.closed = true;
    this.cancel?.();
  }

  private entriesOf(service: string): Map<string, Entry> {
    let entries = this.services.get(service);
    if (!entries) this.services.set(service, (entries = new Map()));
    return entries;
  }

  private get working(): boolean {
    return this.now() - this.provedAt <= this.options.awayAfterMs;
  }

  private stateOf(entry: Entry): InstanceState {
    if (this.silent.has(entry)) return 'silent';
    return entry.instance.draining ? 'draining' : 'up';
  }

  /** Who has become silent, who is to be forgotten, and when to look again. */
  private review(): void {
    if (this.closed || this.ttlMs === Infinity) return;
    const now = this.now();
    const { forgetAfterMs = 900_000 } = this.options;
    let next = Infinity;
    for (const [service, entries] of this.services) {
      for (const [id, entry] of entries) {
        const silentMs = now - entry.heardAt;
        if (silentMs < this.ttlMs) next = Math.min(next, this.ttlMs - silentMs);
        else if (this.working) {
          this.silent.add(entry);
          if (silentMs >= forgetAfterMs) entries.delete(id);
        }
      }
      this.tellIfChanged(service);
    }
    this.cancel?.();
    this.cancel = next === Infinity ? undefined : this.after(Math.ceil(next), () => this.review());
  }

  private tell(service: string): void {
    this.tellIfChanged(service);
    if (this.ttlMs !== Infinity) this.review();
  }

  private tellIfChanged(service: string): void {
    const instances = this.of(service);
    const text = JSON.stringify(instances);
    if (this.shown.get(service) === text) return;
    this.shown.set(service, text);
    for (const watch of this.watches.get(service) ?? []) watch.tell(instances);
  }
}

class Watch implements ServiceWatch {
  readonly ready: Promise<void>;
  private readonly listeners = new Set<(instances: readonly ListedInstance[]) => void>();
  readonly begin: () => void;

  constructor(
    private readonly read: () => readonly ListedInstance[],
    private readonly ended: () => void,
  ) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ready = promise;
    this.begin = resolve;
  }

  get instances(): readonly ListedInstance[] {
    return this.read();
  }

  onChange(listener: (instances: readonly ListedInstance[]) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }

  tell(instances: readonly ListedInstance[]): void {
    for (const listener of this.listeners) listener(instances);
  }

  close(): void {
    this.listeners.clear();
    this.ended();
  }
}

function unreferenced(ms: number, work: () => void): () => void {
  const timer = setTimeout(work, ms).unref();
  return () => clearTimeout(timer);
}
