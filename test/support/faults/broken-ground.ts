import type { RunningApp } from '../../../scripts/launch/app.mjs';
import { expectInvariants } from '../invariants.js';
import { contextsOf } from '../quiet.js';
import type { Shop } from '../shop.js';
import { topologies } from '../topology.js';
import type { User } from '../user.js';
import { OwnPostgres, type OwnPostgresOptions } from './own-postgres.js';
import { isRunning } from './process-control.js';
import { PostgresProxy } from './tcp-proxy.js';

/** A shop on a PostgreSQL server of its own, with a proxy between the two. */
export class BrokenGround implements AsyncDisposable {
  private readonly pid: number;

  private constructor(
    readonly postgres: OwnPostgres,
    readonly proxy: PostgresProxy,
    readonly shop: Shop,
    readonly customer: User,
    readonly sku: string,
  ) {
    this.pid = shop.pid;
  }

  static async start(options: OwnPostgresOptions = {}): Promise<BrokenGround> {
    const postgres = await OwnPostgres.start(options);
    const proxy = await PostgresProxy.start(postgres.port);
    try {
      await migrated(postgres.migrate());
      const shop = await topologies[0]!.start({ databaseUrl: proxy.through(postgres.url) });
      const sku = await shop.sell({ onHand: 100_000 });
      return new BrokenGround(postgres, proxy, shop, await shop.customer(), sku);
    } catch (error) {
      await proxy.stop();
      await postgres.stop();
      throw error;
    }
  }

  /** Everything kept its word, in the process that was there from the start. */
  async holds(): Promise<void> {
    this.proxy.heal();
    if (!isRunning(this.pid)) {
      const code = await this.shop.exited;
      throw new Error(`The shop's process ended by itself (${code}):\n${this.shop.logs().slice(-12).join('\n')}`);
    }
    expect(this.shop.pid).toBe(this.pid);
    const sample = await this.customer.placeOrder({ sku: this.sku }); // its spans are whole
    await this.customer.reached(sample.id, 'completed');
    await expectInvariants(this.shop, { traces: 1 });
  }

  /** What waits on every road, and for what: to be told with a failure. */
  async waiting(): Promise<string> {
    const contexts = await contextsOf(this.postgres.admin);
    const inboxes = contexts.map(
      (name) => `select '${name}' as context, type, handler, attempts, coalesce(last_error, '-') as last_error,
        round(extract(epoch from greatest(next_attempt_at, claimed_until, '2000-01-01') - clock_timestamp())) as seconds
        from ${name}.inbox where done_at is null and position is not null`,
    );
    const { rows } = await this.postgres.admin.query<Record<string, string | number>>(inboxes.join(' union all '));
    const lines = rows.map((row) => `  ${Object.values(row).join(' | ')}`);
    return `Waiting: context | type | handler | attempts | last error | seconds until it may be tried\n${lines.join('\n')}`;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.proxy.heal();
    await this.shop[Symbol.asyncDispose]();
    await this.proxy.stop();
    await this.postgres.stop();
  }
}

export async function migrated(migrate: RunningApp): Promise<void> {
  const code = await migrate.exited;
  if (code !== 0) throw new Error(`The migrations ended with code ${code}`);
}
