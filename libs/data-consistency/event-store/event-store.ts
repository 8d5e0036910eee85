import type { Database } from '../database/database.js';
import { BY_THEN } from './as-of.js';
import { COLUMNS, LOG_COLUMNS, loggedEvent, storedEvent, type EventRow, type StoredEvent } from './event-row.js';
import { leaveSnapshot, readFromSnapshot, restored, type FoldedUpTo } from './snapshots.js';
import type { FactOf, SnapshotPolicy, StateOf, Stream } from './stream.js';

export type { StoredEvent } from './event-row.js';
export { currentVersion } from './upcasting.js';

/** An aggregate as loaded: its state and the version to expect when appending. */
export interface Loaded<State> {
  state: State;
  version: number;
}

/** A place in an append-only log: transaction id first, because sequence numbers are not handed out in commit order. */
export interface LogPlace {
  xid: string;
  position: number;
}

/** Before everything. */
export const LOG_START: LogPlace = Object.freeze({ xid: '0', position: 0 });

/** A piece of the log, in commit order. */
export interface LogPage<F> {
  events: StoredEvent<F>[];
  /** False when what follows might still be overtaken: the reader comes back soon. */
  settled: boolean;
}

/** A subselect: it is asked for once, not for every row. */
const HORIZON = '(select pg_snapshot_xmin(pg_current_snapshot()))';
const AFTER = 'from event where (xid, position) > ($2::xid8, $3::bigint) and stream_type = $1';

/** A page below the horizon, and then, as a sign that there is more to come, the first event above it. */
const LOG = `
  (select ${LOG_COLUMNS}, true as below_horizon ${AFTER} and xid < ${HORIZON} order by event.xid, position limit $4)
  union all
  (select ${LOG_COLUMNS}, false ${AFTER} and xid >= ${HORIZON} order by event.xid, position limit 1)`;

const OF_STREAM = `select ${COLUMNS} from event where stream_type = $1 and stream_id = $2`;
const READ = `${OF_STREAM} order by version`;
const READ_AS_OF = `${OF_STREAM} ${BY_THEN('$3')} order by version`;

/**
 * Reads event streams. Appending goes through the unit of work: `tx.append(stream, id, expectedVersion, facts)`.
 *
 * @example const { state, version } = await events.load(accountStream, accountId);
 */
export class EventStore {
  constructor(private readonly database: Database) {}

  /**
   * The aggregate's state, folded from its facts; version 0 when it has none. `asOf` stops at what was recorded by then,
   * that millisecond included. A stream with snapshots is folded from its newest one, in the same single round trip.
   */
  async load<S extends Stream>(stream: S, id: string, asOf?: Date): Promise<Loaded<StateOf<S>>> {
    const { snapshots } = stream;
    if (snapshots) return this.loadFromSnapshot(stream, snapshots, { id, ...(asOf && { asOf }) });
    const { state, version } = fold(stream, await this.read(stream, id, asOf));
    return { state, version };
  }

  /** The facts of one stream in order, lifted to their current version. */
  async read<S extends Stream>(stream: S, id: string, asOf?: Date): Promise<StoredEvent<FactOf<S>>[]> {
    const rows = asOf
      ? await this.database.read<EventRow>(READ_AS_OF, [stream.name, id, asOf])
      : await this.database.read<EventRow>(READ, [stream.name, id]);
    return rows.map((row) => storedEvent(stream, row));
  }

  /**
   * The log of one stream type after a place, in commit order. Rows of transactions that might still be overtaken by an
   * older one are held back: `settled` says whether that was the case, so that the reader comes back soon.
   */
  async readLog<S extends Stream>(
    stream: S,
    { after, limit }: { after: LogPlace; limit: number },
  ): Promise<LogPage<FactOf<S>>> {
    const rows = await this.database.readTexts(LOG, [stream.name, after.xid, after.position, limit]);
    const overtakable = rows.findIndex((row) => row.at(-1) === 'f');
    const settled = overtakable === -1 ? rows : rows.slice(0, overtakable);
    return { events: settled.map((row) => loggedEvent(stream, row)), settled: overtakable === -1 };
  }

  private async loadFromSnapshot<S extends Stream>(
    stream: S,
    snapshots: SnapshotPolicy,
    { id, asOf }: { id: string; asOf?: Date },
  ): Promise<Loaded<StateOf<S>>> {
    const { snapshot, newer } = await readFromSnapshot(this.database, { stream, snapshots, id, ...(asOf && { asOf }) });
    const start = snapshot && restored<S>(snapshots, snapshot);
    const unreadable = snapshot !== undefined && start === undefined;
    const events = unreadable ? await this.read(stream, id, asOf) : newer.map((row) => storedEvent(stream, row));
    const folded = fold(stream, events, start);
    if (!asOf && events.length >= snapshots.every) leaveSnapshot(this.database, { stream, snapshots, id, folded });
    return { state: folded.state, version: folded.version };
  }
}

function fold<S extends Stream>(
  stream: S,
  events: readonly StoredEvent[],
  start: FoldedUpTo<StateOf<S>> = { state: stream.initial as StateOf<S>, version: 0, recordedAt: new Date(0) },
): FoldedUpTo<StateOf<S>> {
  const folded = { ...start };
  for (const { fact, version, recordedAt } of events) {
    folded.state = stream.evolve(folded.state, fact) as StateOf<S>;
    folded.version = version;
    if (recordedAt > folded.recordedAt) folded.recordedAt = recordedAt;
  }
  return folded;
}
