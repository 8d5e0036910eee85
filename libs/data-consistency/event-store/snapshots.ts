import { isDeepStrictEqual } from 'node:util';
import type { Database } from '../database/database.js';
import { COLUMNS, type EventRow } from './event-row.js';
import { BY_THEN } from './as-of.js';
import type { SnapshotPolicy, StateOf, Stream } from './stream.js';

/** Where a fold may start: a state, the version it stands for, and the newest moment among the facts behind it. */
export interface FoldedUpTo<State> {
  state: State;
  version: number;
  recordedAt: Date;
}

/** A snapshot as it was found, not yet read, with everything that came after it. */
export interface FoundSnapshot {
  snapshot?: EventRow;
  newer: EventRow[];
}

/** One statement sees one moment: no fact is missing between a snapshot and the facts after it, whoever appends meanwhile. */
const withEvents = (snapshotBound: string, eventBound: string) => `
  with base as materialized (
    select version, state, recorded_at from snapshot
    where stream_type = $1 and stream_id = $2 and snapshot_version = $3 ${snapshotBound})
  select $2::text as stream_id, version, '' as type, 0 as schema_version, state as data, '{}'::json as metadata, recorded_at,
         '0' as xid, 0::bigint as position from base
  union all
  (select ${COLUMNS} from event where stream_type = $1 and stream_id = $2
   and version > coalesce((select version from base), 0) ${eventBound})
  order by version`;

const NOW = withEvents('', '');
const THEN = withEvents('and recorded_at <= $4::timestamptz', BY_THEN('$4'));

const SAVE = `
  insert into snapshot (stream_type, stream_id, snapshot_version, version, state, recorded_at) values ($1, $2, $3, $4, $5, $6)
  on conflict (stream_type, stream_id, snapshot_version) do update
    set version = excluded.version, state = excluded.state, recorded_at = excluded.recorded_at, taken_at = clock_timestamp()
    where snapshot.version < excluded.version`;

/** Reads the newest snapshot and the facts after it in one round trip; `asOf` never finds a snapshot that knows more. */
export async function readFromSnapshot(
  database: Database,
  { stream, snapshots, id, asOf }: { stream: Stream; snapshots: SnapshotPolicy; id: string; asOf?: Date },
): Promise<FoundSnapshot> {
  const which = [stream.name, id, snapshots.version];
  const rows = asOf ? await database.read<EventRow>(THEN, [...which, asOf]) : await database.read<EventRow>(NOW, which);
  const first = rows[0]?.schema_version === 0 ? rows.shift() : undefined;
  return { ...(first && { snapshot: first }), newer: rows };
}

/** The state a snapshot holds, or undefined when this code cannot read it. */
export function restored<S extends Stream>(
  snapshots: SnapshotPolicy,
  { data, version, recorded_at: recordedAt }: EventRow,
): FoldedUpTo<StateOf<S>> | undefined {
  try {
    return { state: snapshots.restore(data) as StateOf<S>, version, recordedAt };
  } catch {
    return undefined;
  }
}

/**
 * Leaves a snapshot behind, unless there is a newer one. A state that JSON would change is not kept. It saves work and is
 * never needed: when it cannot be written, nothing is lost, so nobody waits for it and nobody is told.
 */
export function leaveSnapshot<State>(
  database: Database,
  {
    stream,
    snapshots,
    id,
    folded,
  }: { stream: Stream; snapshots: SnapshotPolicy; id: string; folded: FoldedUpTo<State> },
): void {
  const { state, version, recordedAt } = folded;
  const json = faithfulJson(snapshots, state);
  if (json === undefined) return;
  database.read(SAVE, [stream.name, id, snapshots.version, version, json, recordedAt]).catch(() => undefined);
}

/** The state as JSON, or undefined when it would come back as another one, or JSON has no words for it. */
function faithfulJson(snapshots: SnapshotPolicy, state: unknown): string | undefined {
  try {
    const json = JSON.stringify(state);
    return isDeepStrictEqual(snapshots.restore(JSON.parse(json)), state) ? json : undefined;
  } catch {
    return undefined;
  }
}
