import type { QueryResultRow } from 'pg';
import type { Database } from '../database/database.js';
import type { FactOf, StateOf, Stream } from './stream.js';

/** A fact with its place in its stream and in the whole log. */
export interface StoredEvent<F = { type: string; data: object }> {
  readonly streamId: string;
  /** Place in its stream, from 1. */
  readonly version: number;
  readonly fact: F;
  readonly recordedAt: Date;
  /** Place in the log: ordered by (xid, position), never by position alone. */
  readonly xid: string;
  readonly position: number;
  readonly correlationId?: string;
}

/** An aggregate as loaded: its state and the version to expect when appending. */
export interface Loaded<State> {
  state: State;
  version: number;
}

interface EventRow extends QueryResultRow {
  stream_id: string;
  version: number;
  type: string;
  schema_version: number;
  data: Record<string, unknown>;
  metadata: { correlationId?: string };
  recorded_at: Date;
  xid: string;
  position: number;
}

const COLUMNS = 'stream_id, version, type, schema_version, data, metadata, recorded_at, xid::text as xid, position';

/**
 * Reads event streams. Appending goes through the unit of work: `tx.append(stream, id, expectedVersion, facts)`.
 *
 * @example const { state, version } = await events.load(accountStream, accountId);
 */
export class EventStore {
  constructor(private readonly database: Database) {}

  /** The aggregate's state, folded from its facts; version 0 when it has none. `asOf` stops at what was recorded by then. */
  async load<S extends Stream>(stream: S, id: string, asOf?: Date): Promise<Loaded<StateOf<S>>> {
    const events = await this.read(stream, id, asOf);
    const state = events.reduce((before, { fact }) => stream.evolve(before, fact), stream.initial) as StateOf<S>;
    return { state, version: events.at(-1)?.version ?? 0 };
  }

  /** The facts of one stream in order, lifted to their current version. */
  async read<S extends Stream>(stream: S, id: string, asOf?: Date): Promise<StoredEvent<FactOf<S>>[]> {
    const rows = await this.database.read<EventRow>(
      `select ${COLUMNS} from event
       where stream_type = $1 and stream_id = $2 and recorded_at <= coalesce($3::timestamptz, 'infinity') order by version`,
      [stream.name, id, asOf ?? null],
    );
    return rows.map((row) => storedEvent(stream, row));
  }

  /**
   * The log of one stream type after a place, in commit order. Rows of transactions that might still be overtaken by an
   * older one are held back: `settled` says whether that was the case, so that the reader comes back soon.
   */
  async readLog<S extends Stream>(
    stream: S,
    { after, limit }: { after: LogPlace; limit: number },
  ): Promise<{ events: StoredEvent<FactOf<S>>[]; settled: boolean }> {
    const rows = await this.database.read<EventRow & { below_horizon: boolean }>(
      `select ${COLUMNS}, xid < pg_snapshot_xmin(pg_current_snapshot()) as below_horizon from event
       where (xid, position) > ($2::xid8, $3::bigint) and stream_type = $1 order by event.xid, position limit $4`,
      [stream.name, after.xid, after.position, limit],
    );
    const settled = rows.filter((row) => row.below_horizon);
    return { events: settled.map((row) => storedEvent(stream, row)), settled: settled.length === rows.length };
  }
}

/** A place in an append-only log: transaction id first, because sequence numbers are not handed out in commit order. */
export interface LogPlace {
  xid: string;
  position: number;
}

/** Before everything. */
export const LOG_START: LogPlace = Object.freeze({ xid: '0', position: 0 });

function storedEvent<S extends Stream>(stream: S, row: EventRow): StoredEvent<FactOf<S>> {
  if (row.schema_version > currentVersion(stream, row.type)) {
    throw new Error(
      `${stream.name}: ${row.type} is stored at version ${row.schema_version}, which is newer than this code`,
    );
  }
  const lifted = (stream.upcasters[row.type] ?? [])
    .slice(row.schema_version - 1)
    .reduce((data, upcast) => upcast(data), row.data);
  return {
    streamId: row.stream_id,
    version: row.version,
    fact: { type: row.type, data: lifted } as unknown as FactOf<S>,
    recordedAt: row.recorded_at,
    xid: row.xid,
    position: row.position,
    ...(row.metadata.correlationId !== undefined && { correlationId: row.metadata.correlationId }),
  };
}

/** The version under which a stream stores a fact today. */
export function currentVersion(stream: Stream, type: string): number {
  return (stream.upcasters[type]?.length ?? 0) + 1;
}
