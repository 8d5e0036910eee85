import type { Database } from '../database/database.js';
import type { LeaderTask } from '../leadership/leadership.js';

/** A table of the context whose rows are of no use once a moment that each of them names is past. */
export interface ExpiringTable {
  table: string;
  /** The moment, a timestamptz. Rows are found by it: give it an index. */
  column: string;
}

export interface HousekeepingOptions {
  database: Database;
  /**
   * The context's own tables to forget expired rows of, in this order; default none. Rows that go with others (`on delete
   * cascade`) by the thousand come before those.
   */
  expiring?: readonly ExpiringTable[];
  failed: (error: unknown) => void;
  /** Whole days an outbox row stays after it was carried; default 7, the least that lets a broker be refilled after a week. */
  outboxDays?: number;
  /** Days a finished inbox row is remembered for deduplication; default 30: the longest way on which it may come again. */
  inboxDays?: number;
  /**
   * Days a saga that has completed or compensated stays, with its timeline, after its last move; default 90: three times as
   * long as the inbox remembers the messages that could still be meant for it. One that has not ended stays for ever.
   */
  sagaDays?: number;
  /**
   * Days a snapshot stays that was taken under an older `snapshotVersion` than the newest of its stream type; default 30: as
   * long as somebody may want to go back to the code that reads it. It is never needed: the facts are.
   */
  snapshotDays?: number;
  /** Milliseconds until the first round: a start has enough to do, and nothing is urgent; default 20,000. */
  firstAfterMs?: number;
  /** Milliseconds between rounds; default one hour. */
  everyMs?: number;
}

const DAYS_AHEAD = 2;
const OUTBOX_DAYS = 7;
const ROLL_PARTITIONS = 'select road_roll_outbox($1, $2)';

/** Where the last of the days ahead has its partition already, which costs a look at the catalogue, there is nothing to make. */
const MAKE_PARTITIONS = `${ROLL_PARTITIONS}
  where to_regclass('outbox_' || to_char((statement_timestamp() at time zone 'utc')::date + $1::int, 'YYYYMMDD')) is null`;

const BATCH = 10_000;
/** Each has a timeline of some twenty lines. */
const SAGA_BATCH = 500;

/** The newest version of each stream type is found by jumping from type to type over the index. */
const FORGET_SNAPSHOTS = `
  with recursive kind as (
    (select stream_type, snapshot_version as newest from snapshot order by stream_type desc, snapshot_version desc limit 1)
    union all
    select next.* from kind cross join lateral (
      select stream_type, snapshot_version from snapshot where stream_type < kind.stream_type
      order by stream_type desc, snapshot_version desc limit 1) next)
  delete from snapshot where ctid = any(array(
    select old.ctid from kind join snapshot old on old.stream_type = kind.stream_type and old.snapshot_version < kind.newest
    where old.taken_at < statement_timestamp() - make_interval(days => $1) limit ${BATCH})) returning 1`;

/** What was answered to requests with a key. */
const ANSWERS: ExpiringTable = { table: 'idempotency', column: 'expires_at' };

/** A row that somebody holds is left for the next round: to be expired is no reason to be in anybody's way. */
const forgetExpired = ({ table, column }: ExpiringTable) => `
  delete from ${table} where ctid = any(array(select ctid from ${table}
    where ${column} < statement_timestamp() limit ${BATCH} for update skip locked)) returning 1`;

/**
 * Makes the outbox partitions of the days ahead, at once, for what falls into none is deleted row by row one day; then, every hour,
 * drops old ones and forgets what need not be remembered any longer.
 */
export class Housekeeping implements LeaderTask {
  private timer?: NodeJS.Timeout;
  private round: Promise<void> = Promise.resolve();
  private leading = false;

  constructor(private readonly options: HousekeepingOptions) {}

  lead(): void {
    this.leading = true;
    this.round = this.roll(MAKE_PARTITIONS);
    this.timer = setTimeout(() => this.next(), this.options.firstAfterMs ?? 20_000).unref();
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
    const { expiring = [], outboxDays = OUTBOX_DAYS, inboxDays = 30, sagaDays = 90, snapshotDays = 30 } = this.options;
    await this.roll(ROLL_PARTITIONS);
    await this.forgetBy('select road_forget_outbox($1, $2) as forgotten', [outboxDays, BATCH]);
    await this.forget(
      `delete from inbox where ctid = any(array(select ctid from inbox
       where done_at < statement_timestamp() - make_interval(days => $1) limit ${BATCH})) returning 1`,
      [inboxDays],
    );
    for (const one of [ANSWERS, ...expiring]) await this.forget(forgetExpired(one), []);
    await this.forget(FORGET_SNAPSHOTS, [snapshotDays]);
    await this.forgetBy('select road_forget_sagas($1, $2) as forgotten', [sagaDays, SAGA_BATCH]);
  }

  private roll(statement: string): Promise<void> {
    const { database, outboxDays = OUTBOX_DAYS } = this.options;
    return this.attempt(() => database.read(statement, [DAYS_AHEAD, outboxDays]));
  }

  /** By a function of the road that deletes what the app role may not; its second argument is how many at most. */
  private async forgetBy(statement: string, values: [days: number, most: number]): Promise<void> {
    const once = () => this.options.database.one<{ forgotten: number }>(statement, values);
    await this.attempt(async () => {
      while ((await once())?.forgotten === values[1] && this.leading);
    });
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
