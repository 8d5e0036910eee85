import type { Database } from '../database/database.js';
import type { LeaderTask } from '../leadership/leadership.js';

export interface HousekeepingOptions {
  database: Database;
  failed: (error: unknown) => void;
  /** Days an outbox row stays after it was carried; default 7, the least that lets a broker be refilled after a week. */
  outboxDays?: number;
  /** Days a finished inbox row is remembered for deduplication; default 30 (RELIABILITY §4: the longest replay path). */
  inboxDays?: number;
  /** Milliseconds between rounds; default one hour. */
  everyMs?: number;
}

const BATCH = 10_000;

/** Makes tomorrow's outbox partitions, drops old ones, and forgets what need not be remembered any longer. */
export class Housekeeping implements LeaderTask {
  private timer?: NodeJS.Timeout;
  private round: Promise<void> = Promise.resolve();
  private leading = false;

  constructor(private readonly options: HousekeepingOptions) {}

  lead(): void {
    this.leading = true;
    this.next();
  }

  async stepDown(): Promise<void> {
    this.leading = false;
    clearTimeout(this.timer);
    await this.round;
  }

  private next(): void {
    this.round = this.tidy();
    this.timer = setTimeout(() => this.next(), this.options.everyMs ?? 3_600_000).unref();
  }

  private async tidy(): Promise<void> {
    const { database, outboxDays = 7, inboxDays = 30 } = this.options;
    await this.attempt(() => database.read(`select road_roll_outbox(2, $1)`, [outboxDays]));
    await this.forget(
      `delete from inbox where ctid = any(array(select ctid from inbox
       where done_at < statement_timestamp() - make_interval(days => $1) limit ${BATCH})) returning 1`,
      [inboxDays],
    );
    await this.forget(
      `delete from idempotency where ctid = any(array(select ctid from idempotency
       where expires_at < statement_timestamp() limit ${BATCH})) returning 1`,
      [],
    );
  }

  private async forget(statement: string, values: unknown[]): Promise<void> {
    await this.attempt(async () => {
      while ((await this.options.database.read(statement, values)).length === BATCH && this.leading);
    });
  }

  /** One chore that fails does not keep the others from being done. */
  private async attempt(chore: () => Promise<unknown>): Promise<void> {
    if (!this.leading) return;
    await chore().catch(this.options.failed);
  }
}
