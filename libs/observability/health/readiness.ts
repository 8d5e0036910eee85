import { Injectable } from '@nestjs/common';

/**
 * Whether this process wants traffic. It depends on the process alone, never on a database or a neighbour they all
 * share: if that one is down, taking every replica out of rotation turns slow answers into none.
 */
@Injectable()
export class Readiness {
  private phase: 'starting' | 'started' | 'draining' = 'starting';
  private readonly saturation = new Map<string, () => boolean>();

  /** Everything is up (migrated, routes and handlers registered): traffic may come. Ignored once draining. */
  started(): void {
    if (this.phase === 'starting') this.phase = 'started';
  }

  /** No new traffic, for good: the process is on its way out. */
  draining(): void {
    this.phase = 'draining';
  }

  /**
   * Adds a reason to be left alone for a while, such as a full admission queue.
   * @returns a function that takes it back
   * @example readiness.saturatedWhen('admission', () => limiter.queueFull)
   */
  saturatedWhen(name: string, check: () => boolean): () => void {
    this.saturation.set(name, check);
    return () => void this.saturation.delete(name);
  }

  /** True from `started()` on, also while draining. */
  get hasStarted(): boolean {
    return this.phase !== 'starting';
  }

  /** Why no traffic is wanted; empty when it is. */
  reasons(): string[] {
    const saturated = [...this.saturation].filter(([, check]) => check()).map(([name]) => `saturated: ${name}`);
    return this.phase === 'started' ? saturated : [this.phase, ...saturated];
  }
}
