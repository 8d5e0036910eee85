import { Injectable } from '@nestjs/common';
import { scrub } from '../logging/scrub.js';

/** What a check found. `degraded` is worth a look but no failure. Further fields are shown as they are. */
export interface HealthFinding {
  readonly status: 'up' | 'degraded' | 'down';
  readonly [detail: string]: unknown;
}

/** A question about one part, such as the pool of a context. */
export type HealthCheck = () => HealthFinding | Promise<HealthFinding>;

/** How long the answer of a check is waited for when it does not say otherwise, milliseconds. */
const WITHIN_MS = 1_000;

interface Registered {
  check: HealthCheck;
  withinMs: number;
}

/** The parts of the process that report to `/healthz`. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, Registered>();
  private running: Promise<Map<string, HealthFinding>> | undefined;

  /**
   * @param name shown in `/healthz`, such as `orders.database`
   * @param options `withinMs`: how long `/healthz` waits for the answer. Default 1,000; more for one that asks others.
   * @returns a function that takes the check back
   * @throws Error when the name is taken
   * @example health.register('orders.relay', () => ({ status: lag > 30 ? 'degraded' : 'up', lagSeconds: lag }))
   */
  register(name: string, check: HealthCheck, { withinMs = WITHIN_MS } = {}): () => void {
    if (this.checks.has(name)) throw new Error(`A health check named "${name}" is already registered.`);
    this.checks.set(name, { check, withinMs });
    return () => void this.checks.delete(name);
  }

  /** Asks all parts at once. Callers that come meanwhile share the answers, so probing cannot become a load. */
  findings(): Promise<Map<string, HealthFinding>> {
    this.running ??= this.askAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async askAll(): Promise<Map<string, HealthFinding>> {
    const answers = [...this.checks].map(async ([name, one]) => [name, await ask(one)] as const);
    return new Map(await Promise.all(answers));
  }
}

async function ask({ check, withinMs }: Registered): Promise<HealthFinding> {
  const { promise: late, resolve } = Promise.withResolvers<HealthFinding>();
  const timer = setTimeout(() => resolve({ status: 'down', message: `no answer within ${withinMs} ms` }), withinMs);
  try {
    return await Promise.race([(async () => check())(), late]);
  } catch (error) {
    return { status: 'down', message: scrub(error instanceof Error ? error.message : String(error)) };
  } finally {
    clearTimeout(timer);
  }
}
