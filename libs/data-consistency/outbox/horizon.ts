import type { QueryResultRow } from 'pg';
import type { Database } from '../database/database.js';

/** The open transaction that holds everybody's horizon back: relays and read models go no further than the oldest one. */
export interface HorizonHolder {
  /** The backend's process id, or null for a prepared transaction, which has none. */
  pid: number | null;
  /** The name of a prepared transaction. */
  prepared: string | null;
  role: string | null;
  database: string | null;
  application: string | null;
  /** Seconds it has been open: at least, where its role keeps the beginning to itself. */
  seconds: number;
}

/** Whether messages of a context wait for somebody's open transaction. */
export interface Horizon {
  /** Seconds the oldest message has been committed and cannot be carried yet; 0 when none waits. */
  waitingSeconds: number;
  /** Who holds the horizon back right now, messages or not; undefined when no transaction is writing. */
  holder?: HorizonHolder;
}

/** Every role may see who holds which transaction id, in the whole cluster; when it began only its own role and monitors may. */
const HORIZON = `
  with horizon as materialized (select pg_snapshot_xmin(pg_current_snapshot()) as xid),
  waiting as (
    select extract(epoch from clock_timestamp() - o.recorded_at)::float8 as seconds
    from horizon, relay_cursor c cross join lateral (
      select recorded_at from outbox where (outbox.xid, outbox.position) > (c.xid, c.position)
      and outbox.xid >= (select xid from horizon) order by outbox.xid, outbox.position limit 1) o),
  holder as (
    select l.pid, p.gid as prepared, coalesce(a.usename, p.owner) as role, coalesce(a.datname, p.database) as database,
           a.application_name as application,
           extract(epoch from clock_timestamp() - coalesce(a.xact_start, p.prepared))::float8 as seconds
    from horizon join pg_locks l on l.locktype = 'transactionid' and l.granted and l.transactionid = horizon.xid::xid
    left join pg_stat_activity a on a.pid = l.pid
    left join pg_prepared_xacts p on l.pid is null and p.transaction = l.transactionid
    where l.mode = 'ExclusiveLock' and l.pid is distinct from pg_backend_pid())
  select coalesce((select seconds from waiting), 0)::float8 as waiting, holder.* from (select) one left join holder on true limit 1`;

type HorizonRow = HorizonHolder & QueryResultRow & { waiting: number; seconds: number | null };

/** Looks how long messages have waited below whose transaction. */
export async function readHorizon(database: Database): Promise<Horizon> {
  const row = await database.one<HorizonRow>(HORIZON);
  const { waiting, seconds, pid, prepared, role, database: where, application } = row!;
  if (role === null) return { waitingSeconds: waiting };
  return {
    waitingSeconds: waiting,
    holder: { pid, prepared, role, database: where, application, seconds: Math.max(seconds ?? 0, waiting) },
  };
}

export interface HorizonWatchOptions {
  database: Database;
  /** Told when messages have waited too long for a transaction, and again every minute while they do. */
  stalled: (horizon: Horizon) => void;
  /** Milliseconds that messages may wait without a word; default 10,000. */
  afterMs?: number;
}

const AGAIN_MS = 60_000;

/**
 * Raises an alarm when somebody's open transaction keeps a relay from going on. Asks PostgreSQL only while the relay has
 * waited for too long already, so it costs nothing when all is well.
 */
export class HorizonWatch {
  private since: number | undefined;
  private quietUntil = 0;

  constructor(private readonly options: HorizonWatchOptions) {}

  /** The relay went on, or has nothing to carry. */
  moves(): void {
    this.since = undefined;
    this.quietUntil = 0;
  }

  /** The relay has messages, and all of them are beyond the horizon. */
  waits(): void {
    const { afterMs = 10_000 } = this.options;
    const now = performance.now();
    this.since ??= now;
    if (now - this.since < afterMs || now < this.quietUntil) return;
    this.quietUntil = now + Math.min(afterMs, 1_000); // the next look, if this one finds nothing
    void this.look(afterMs);
  }

  private async look(afterMs: number): Promise<void> {
    try {
      const horizon = await readHorizon(this.options.database);
      if (horizon.waitingSeconds * 1_000 < afterMs || !horizon.holder) return;
      this.quietUntil = performance.now() + AGAIN_MS;
      this.options.stalled(horizon);
    } catch {
      // the database is away: the relay itself says so
    }
  }
}
