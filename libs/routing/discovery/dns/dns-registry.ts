import { Resolver } from 'node:dns/promises';
import { InstanceList } from '../instance-list.js';
import { NOTHING_TO_ANNOUNCE, type Freshness, type Registration, type Registry } from '../registry.js';
import { lookUp, type DnsNames, type DnsResolver, type DnsSource } from './lookup.js';

/** What to ask, whom, and how often. */
export interface DnsRegistryOptions extends DnsNames {
  /** Default Node's own, with the machine's servers, 1 s and 2 tries. */
  resolver?: DnsResolver;
  /** Milliseconds between two questions; default 5,000, which is what CoreDNS caches in Kubernetes. */
  everyMs?: number;
  /** Told what went wrong, once per fault. */
  failed?: (error: unknown) => void;
}

/** An empty answer is believed when it was given this often in a row: a server that has just started may not know yet. */
const BELIEVED = 3;

/**
 * The instances that DNS knows, such as a headless service of Kubernetes: who is not ready or on its way out is taken out
 * of it there. Asked again and again; a server that is away, refuses or fails changes nothing.
 *
 * @example new DnsRegistry({ name: '{service}.post.svc.cluster.local', port: 3000 })
 */
export class DnsRegistry implements Registry {
  readonly kind = 'dns';
  private readonly list: InstanceList;
  private readonly source: DnsSource;
  private readonly everyMs: number;
  private readonly asking = new Map<string, NodeJS.Timeout | undefined>();
  private readonly faults = new Map<string, string>();
  private closed = false;

  constructor(private readonly options: DnsRegistryOptions) {
    this.everyMs = options.everyMs ?? 5_000;
    const { resolver = new Resolver({ timeout: 1_000, tries: 2 }) } = options;
    this.source = { resolver, answered: new Set() };
    this.list = new InstanceList({ awayAfterMs: Math.max(2_000, this.everyMs * 3) });
  }

  register(): Promise<Registration> {
    return Promise.resolve(NOTHING_TO_ANNOUNCE);
  }

  watch(service: string): ReturnType<InstanceList['watch']> {
    if (!this.asking.has(service)) {
      this.asking.set(service, undefined);
      void this.keepAsking(service);
    }
    return this.list.watch(service);
  }

  freshness(): Freshness {
    return this.list.freshness();
  }

  close(): Promise<void> {
    this.closed = true;
    for (const timer of this.asking.values()) clearTimeout(timer);
    this.list.close();
    return Promise.resolve();
  }

  private async keepAsking(service: string, empty = 0): Promise<void> {
    let nothing = 0;
    try {
      const found = await lookUp(this.source, service, this.options);
      if (this.closed) return;
      nothing = found.length === 0 ? empty + 1 : 0;
      if (found.length > 0 || nothing >= BELIEVED) this.list.replace(service, found);
      else this.list.answered(service);
      this.faults.delete(service);
      if (this.faults.size === 0) this.list.proved({ complete: false });
    } catch (error) {
      if (this.closed) return;
      const { message } = error as Error;
      if (this.faults.get(service) !== message) this.options.failed?.(error);
      this.faults.set(service, message);
      this.list.failed(message);
    }
    this.asking.set(service, setTimeout(() => void this.keepAsking(service, nothing), this.everyMs).unref());
  }
}
