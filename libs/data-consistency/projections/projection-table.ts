import type { QueryResultRow } from 'pg';
import { query, type Queryable } from '../database/database.js';
import type { StoredEvent } from '../event-store/event-store.js';
import type { Projection, ReadModelRow } from './projection.js';

const DROP_BATCH = 5_000;

/** The rows of one projection: read and written a batch at a time. */
export class ProjectionTable {
  private readonly selectSql: string;
  private readonly upsertSql: string;
  private readonly dropSql: string;

  constructor(private readonly projection: Projection) {
    const { table, key, columns } = projection;
    const names = Object.keys(columns);
    const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
    const others = names.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
    this.selectSql = `select ${names.join(', ')} from ${table} where generation = $1 and ${key} = any($2::${columns[key]}[])`;
    this.upsertSql = `insert into ${table} (generation, ${names.join(', ')})
      select $1, ${names.join(', ')} from json_to_recordset($2::json) as r(${types.join(', ')})
      on conflict (generation, ${key}) do ${others.length > 0 ? `update set ${others.join(', ')}` : 'nothing'}`;
    this.dropSql = `delete from ${table} where ctid = any(array(
      select ctid from ${table} where generation < $1 limit ${DROP_BATCH})) returning 1`;
  }

  /** Applies a batch of events: one read of the rows concerned, a fold in memory, one write. */
  async fold(on: Queryable, generation: number, batch: readonly StoredEvent[]): Promise<void> {
    const { key, apply } = this.projection;
    const ids = [...new Set(batch.map(({ streamId }) => streamId))];
    const found = await query<ReadModelRow & QueryResultRow>(on, this.selectSql, [generation, ids]);
    const rows = new Map<string, ReadModelRow | undefined>(found.map((row) => [String(row[key]), row]));
    for (const event of batch) rows.set(event.streamId, apply(rows.get(event.streamId), event));
    const changed = ids.flatMap((id) => rows.get(id) ?? []);
    if (changed.length > 0) await query(on, this.upsertSql, [generation, JSON.stringify(changed)]);
  }

  /** Deletes some rows of older generations, few enough for one statement; returns whether there may be more. */
  async drop(on: Queryable, before: number): Promise<boolean> {
    return (await query(on, this.dropSql, [before])).length === DROP_BATCH;
  }
}
