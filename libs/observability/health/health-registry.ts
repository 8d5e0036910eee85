import { Injectable } from '@nestjs/common';
import { scrub } from '../logging/scrub.js';

/** What a check found. `degraded` is worth a look but no failure. Further fields are shown as they are. */
export interface HealthFinding {
  readonly status: 'up' | 'degraded' | 'down';
  readonly [detail: string]: unknown;
}

/** A question about one part, such as the pool of a context. `/healthz` waits one second for the answer. */
export type HealthCheck = () => HealthFinding | Promise<HealthFinding>;

const TIMEOUT_MS = 1_000;

/** The parts of the process that report to `/healthz`. */
@Injectable()
export class HealthRegistry {
  private readonly checks = new Map<string, HealthCheck>();
  private running: Promise<Map<string, HealthFinding>> | undefined;

  /**
   * @param name shown in `/healthz`, such as `orders.database`
   * @returns a function that takes the check back
   * @throws Error when the name is taken
   * @example health.register('orders.relay', () => ({ status: lag > 30 ? 'degraded' : 'up', lagSeconds: lag }))
   */
  register(name: string, check: HealthCheck): () => void {
    if (this.checks.has(name)) throw new Error(`A health check named "${name}" is already registered.`);
    this.checks.set(name, check);
    return () => void this.checks.delete(name);
  }

  /** Asks all parts at once. Callers that come meanwhile share the answers, so probing cannot become a load. */
  findings(): Promise<Map<string, HealthFinding>> {
    this.running ??= this.askAll().finally(() => (this.running = undefined));
    return this.running;
  }

  private async askAll(): Promise<Map<string, HealthFinding>> {
    const answers = [...this.checks].map(async ([name, check]) => [name, await ask(check)] as const);
    return new Map(await Promise.all(answers));
  }
}

async function ask(check: HealthCheck): Promise<HealthFinding> {
  const { promise: late, resolve } = Promise.withResolvers<HealthFinding>();
  const timer = setTimeout(() => resolve({ status: 'down', message: `no answer within ${TIMEOUT_MS} ms` }), TIMEOUT_MS);
  try {
    return await Promise.race([(async () => check())(), late]);
  } catch (error) {
    return { status: 'down', message: scrub(error instanceof Error ? error.message : String(error)) };
  } finally {
    clearTimeout(timer);
  }
}
