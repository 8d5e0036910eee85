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
  readonly correlationId?: string;
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

/** A row as the program sees it, its fact lifted to its current version. */
export function storedEvent<S extends Stream>(stream: S, row: EventRow): StoredEvent<FactOf<S>> {
  return {
    streamId: row.stream_id,
    version: row.version,
    fact: lift(stream, { type: row.type, schemaVersion: row.schema_version, data: row.data }),
    recordedAt: row.recorded_at,
    xid: row.xid,
    position: row.position,
    ...(row.metadata.correlationId !== undefined && { correlationId: row.metadata.correlationId }),
  };
}
