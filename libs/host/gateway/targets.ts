import { setTimeout as delay } from 'node:timers/promises';
import { Target, type TargetOptions } from './target.js';
import type { TargetRegistry } from './target-registry.js';

/** Every process behind the gateway, who of them answers for which context, and which of them are well. */
export class Targets {
  private readonly byUrl = new Map<string, Target>();
  private readonly byContext = new Map<string, readonly Target[]>();
  private turn = 0;
  private watching = false;

  constructor(registry: TargetRegistry, options: TargetOptions) {
    for (const [context, urls] of registry) {
      const targets = urls.map((url) => this.byUrl.get(url) ?? new Target(url, options));
      for (const target of targets) this.byUrl.set(target.url, target);
      this.byContext.set(context, targets);
    }
  }

  get contexts(): readonly string[] {
    return [...this.byContext.keys()];
  }

  all(): readonly Target[] {
    return [...this.byUrl.values()];
  }

  of(context: string): readonly Target[] {
    return this.byContext.get(context) ?? [];
  }

  /**
   * The replica with the least to do, one after the other when several have the same; undefined when none can be asked.
   *
   * @param except replicas that were tried already
   */
  choose(context: string, except: ReadonlySet<Target> = new Set()): Target | undefined {
    const usable = this.of(context).filter((target) => target.usable && !except.has(target));
    if (usable.length < 2) return usable[0];
    const least = Math.min(...usable.map(({ inFlight }) => inFlight));
    const idle = usable.filter(({ inFlight }) => inFlight === least);
    return idle[this.turn++ % idle.length];
  }

  /**
   * Asks every target again and again whether it is ready; the first round is over when this resolves.
   *
   * @param everyMs milliseconds; one that is away is asked five times as often, so that it is found soon
   */
  async watch(everyMs: number): Promise<void> {
    this.watching = true;
    await Promise.all(this.all().map((target) => target.probe()));
    for (const target of this.all()) void this.keepAsking(target, everyMs);
  }

  private async keepAsking(target: Target, everyMs: number): Promise<void> {
    while (this.watching) {
      await delay(target.ready ? everyMs : everyMs / 5, undefined, { ref: false });
      if (this.watching) await target.probe();
    }
  }

  async close(): Promise<void> {
    this.watching = false;
    await Promise.all(this.all().map((target) => target.close()));
  }
}
