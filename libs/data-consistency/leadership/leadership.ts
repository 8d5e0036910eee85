import type { PoolClient } from 'pg';
import type { Database } from '../database/database.js';

/** What the leader does while it leads. */
export interface LeaderTask {
  /** Starts; `epoch` fences every durable step it takes. */
  lead(epoch: number): void;
  /** Ends; resolves when nothing of it runs any more. */
  stepDown(): Promise<void>;
}

export interface LeadershipOptions {
  database: Database;
  /** The context: one leader per context and database. */
  name: string;
  tasks: readonly LeaderTask[];
  /** Milliseconds between attempts of those who do not lead; default 1,000. */
  retryMs?: number;
}

/**
 * Elects one leader per context among all processes on a database: whoever holds a session advisory lock leads. Losing the
 * session loses the lock, so a crashed leader is followed at once. A leader that was paused and comes back is harmless:
 * each election counts up an epoch, and a durable step with an old epoch is refused (fencing).
 */
export class Leadership {
  private client?: PoolClient;
  private timer?: NodeJS.Timeout;
  private stopped = true;
  private campaign: Promise<void> = Promise.resolve();

  constructor(private readonly options: LeadershipOptions) {}

  /** Whether this process leads now. */
  get leads(): boolean {
    return this.client !== undefined;
  }

  start(): void {
    this.stopped = false;
    this.campaign = this.run();
  }

  /** Lets another process lead: tasks end first, then the lock goes. */
  async release(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.campaign;
    await this.resign();
  }

  private async run(): Promise<void> {
    try {
      await this.campaignOnce();
    } catch {
      await this.resign();
    }
    if (!this.stopped && !this.leads) this.retryLater();
  }

  private async campaignOnce(): Promise<void> {
    const { database, name, tasks } = this.options;
    const client = await database.pool.connect();
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtext('holdfast leader'), hashtext($1)) as locked`,
      [`${name}`],
    );
    if (!rows[0]?.locked) return client.release();
    this.client = client;
    client.once('error', () => void this.lost());
    client.once('end', () => void this.lost());
    const { rows: elected } = await client.query<{ epoch: number }>(
      `insert into leadership (name, epoch) values ($1, 1)
       on conflict (name) do update set epoch = leadership.epoch + 1, elected_at = clock_timestamp() returning epoch`,
      [name],
    );
    for (const task of tasks) task.lead(elected[0]!.epoch);
  }

  private async lost(): Promise<void> {
    if (!this.client) return;
    await this.resign();
    if (!this.stopped) this.retryLater();
  }

  private async resign(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (!client) return;
    await Promise.all(this.options.tasks.map((task) => task.stepDown()));
    client.removeAllListeners('end');
    client.release(true); // closing the session frees the lock, whatever state the session is in
  }

  private retryLater(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.campaign = this.run()), this.options.retryMs ?? 1_000);
  }
}
