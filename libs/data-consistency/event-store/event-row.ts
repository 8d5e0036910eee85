import type { QueryResultRow } from 'pg';
import type { FactOf, Stream } from './stream.js';
import { lift } from './upcasting.js';

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
  readonly correlationId: string | undefined;
}

export interface EventRow extends QueryResultRow {
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

export const COLUMNS =
  'stream_id, version, type, schema_version, data, metadata, recorded_at, xid::text as xid, position';

type LogRow = [
  streamId: string,
  version: string,
  type: string,
  schemaVersion: string,
  data: string,
  xid: string,
  position: string,
  seconds: string,
  metadata: string,
];

/** The log is read as texts, which costs less than half of what typed rows cost; in the order of {@link loggedEvent}. */
export const LOG_COLUMNS =
  "stream_id, version, type, schema_version, data, xid, position, date_part('epoch', recorded_at), metadata";

/** A row as the program sees it, its fact lifted to its current version. */
export function storedEvent<S extends Stream>(stream: S, row: EventRow): StoredEvent<FactOf<S>> {
  return {
    streamId: row.stream_id,
    version: row.version,
    fact: lift(stream, { type: row.type, schemaVersion: row.schema_version, data: row.data }),
    recordedAt: row.recorded_at,
    xid: row.xid,
    position: row.position,
    correlationId: row.metadata.correlationId,
  };
}

/** An event of the log. What a fold seldom asks for is made when it does. */
class LoggedEvent<F> implements StoredEvent<F> {
  constructor(
    readonly streamId: string,
    readonly version: number,
    readonly fact: F,
    readonly xid: string,
    readonly position: number,
    private readonly seconds: string,
    private readonly metadata: string,
  ) {}

  get recordedAt(): Date {
    return new Date(Math.floor(Math.round(Number(this.seconds) * 1e6) / 1e3)); // whole milliseconds, never rounded up
  }

  get correlationId(): string | undefined {
    return (JSON.parse(this.metadata) as { correlationId?: string }).correlationId;
  }
}

/** A row of {@link LOG_COLUMNS} as the program sees it. */
export function loggedEvent<S extends Stream>(stream: S, row: readonly string[]): StoredEvent<FactOf<S>> {
  const [streamId, version, type, schemaVersion, data, xid, position, seconds, metadata] = row as LogRow;
  const written = { type, schemaVersion: Number(schemaVersion), data: JSON.parse(data) as Record<string, unknown> };
  return new LoggedEvent(streamId, Number(version), lift(stream, written), xid, Number(position), seconds, metadata);
}
