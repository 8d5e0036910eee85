import type { PoolClient } from 'pg';
import { crashPoint } from '../crash-points/crash-point.js';
import { checkOut, giveBack, type Database } from '../database/database.js';

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
  /**
   * Milliseconds between signs of life of the leader's session, and the longest answer waited for; default 3,000. A
   * leader that gives none for three times as long is put out by whoever else wants to lead.
   */
  heartbeatMs?: number;
}

/**
 * Elects one leader per context among all processes on a database: whoever holds a session advisory lock leads. Losing the
 * session loses the lock, so a crashed leader is followed at once. A leader that was paused and comes back is harmless:
 * each election counts up an epoch, and a durable step with an old epoch is refused (fencing). A session that went without
 * a word (a frozen process, a link that swallows everything) is found out by its heartbeat, on both sides: the leader
 * resigns, and the others end the session, which PostgreSQL itself would keep, and its lock, for hours.
 *
 * @example
 * const leadership = new Leadership({ database, name: 'accounts', tasks: [relay] });
 * leadership.start();
 * await leadership.release();
 */
export class Leadership {
  private session?: PoolClient;
  private epoch = 0;
  private timer?: NodeJS.Timeout;
  private stopped = true;
  private ticking: Promise<void> = Promise.resolve();
  private termEnded: Promise<unknown> = Promise.resolve();

  constructor(private readonly options: LeadershipOptions) {}

  /** Whether this process leads now. */
  get leads(): boolean {
    return this.session !== undefined;
  }

  /** Runs for leadership, now and until {@link release}. */
  start(): void {
    this.stopped = false;
    this.tickNow();
  }

  /** Lets another process lead: tasks end first, then the lock goes. */
  async release(): Promise<void> {
    this.stopped = true;
    clearTimeout(this.timer);
    await this.ticking;
    await this.resign();
  }

  private get heartbeatMs(): number {
    return this.options.heartbeatMs ?? 3_000;
  }

  private tickNow(): void {
    this.ticking = this.ticking.then(() => this.tick());
  }

  private async tick(): Promise<void> {
    try {
      if (this.session) await this.heartbeat(this.session);
      else if (!this.stopped) await this.campaign();
    } catch {
      await this.resign(); // PostgreSQL is away or the session is dead; the next attempt will tell
    }
    this.tickLater();
  }

  private tickLater(): void {
    clearTimeout(this.timer);
    if (this.stopped) return;
    const { retryMs = 1_000 } = this.options;
    this.timer = setTimeout(() => this.tickNow(), this.leads ? this.heartbeatMs : retryMs);
  }

  private async campaign(): Promise<void> {
    await this.termEnded;
    const { database, tasks } = this.options;
    const client = await checkOut(database.pool);
    let epoch: number | undefined;
    try {
      epoch = await crashPoint(
        'leadership.campaign',
        () => this.options.name,
        () => this.elected(client),
      );
    } catch (error) {
      giveBack(client, true); // closing the session frees the lock, if it was won
      throw error;
    }
    if (epoch === undefined) return giveBack(client);
    this.session = client;
    this.epoch = epoch;
    client.on('error', () => void this.lost(client));
    client.on('end', () => void this.lost(client));
    for (const task of tasks) task.lead(epoch);
  }

  /** The new epoch, or undefined when somebody else leads. */
  private async elected(client: PoolClient): Promise<number | undefined> {
    const { name } = this.options;
    const { rows } = await client.query<{ locked: boolean }>(
      `select pg_try_advisory_lock(hashtext('holdfast leader'), hashtext($1)) as locked`,
      [name],
    );
    if (!rows[0]?.locked) {
      await client.query(PUT_OUT_SILENT, [name, (this.heartbeatMs * SIGNS_MISSED) / 1_000]);
      return undefined;
    }
    const { rows: elected } = await client.query<{ epoch: number }>(
      `insert into leadership (name, epoch) values ($1, 1)
       on conflict (name) do update set epoch = leadership.epoch + 1, elected_at = clock_timestamp() returning epoch`,
      [name],
    );
    return Number(elected[0]!.epoch);
  }

  private async heartbeat(session: PoolClient): Promise<void> {
    const { name } = this.options;
    const text = 'select epoch from leadership where name = $1';
    const ask = { text, values: [name], query_timeout: this.heartbeatMs };
    const { rows } = await session.query<{ epoch: number }>(ask);
    if (Number(rows[0]?.epoch) !== this.epoch) throw new Error('Another process was elected meanwhile');
  }

  private async lost(session: PoolClient): Promise<void> {
    if (this.session !== session) return;
    await this.resign();
    this.tickLater();
  }

  private async resign(): Promise<void> {
    const session = this.session;
    this.session = undefined;
    if (session) this.termEnded = this.endTerm(session);
    await this.termEnded;
  }

  private async endTerm(session: PoolClient): Promise<void> {
    await Promise.allSettled(this.options.tasks.map((task) => task.stepDown()));
    giveBack(session, true); // closing the session frees the lock, whatever state the session is in
  }
}

const SIGNS_MISSED = 3;

/** Ends the session that holds the lock when its last statement, the heartbeat, is too long ago. A role may end its own. */
const PUT_OUT_SILENT = `
  select pg_terminate_backend(holder.pid)
  from pg_locks held join pg_stat_activity holder on holder.pid = held.pid
  where held.locktype = 'advisory' and held.granted and held.objsubid = 2
    and held.database = (select oid from pg_database where datname = current_database())
    and held.classid = (hashtext('holdfast leader')::bigint & 4294967295)::oid
    and held.objid = (hashtext($1)::bigint & 4294967295)::oid
    and holder.state_change < clock_timestamp() - make_interval(secs => $2)`;
