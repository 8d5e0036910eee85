import type { QueryResultRow } from 'pg';
import { query, type Queryable } from '../database/database.js';
import type { LogPlace, StoredEvent } from '../event-store/event-store.js';
import type { Generation } from './generations.js';
import type { Projection, ReadModelRow } from './projection.js';

const DROP_BATCH = 5_000;

/** The rows of one projection: read and written a batch at a time. */
export class ProjectionTable {
  private readonly selectSql: string;
  private readonly moveSql: string;
  private readonly dropSql: string;

  constructor(private readonly projection: Projection) {
    const { table, key, columns } = projection;
    const names = Object.keys(columns);
    const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
    const others = names.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
    this.selectSql = `select ${names.join(', ')} from ${table} where generation = $1 and ${key} = any($2::${columns[key]}[])`;
    // The checkpoint and the rows in one statement, in one round trip: its transaction holds the log's horizon no longer
    // than it must. Whoever finds the checkpoint moved by another process writes nothing.
    this.moveSql = `with moved as (
        update projection_generation set xid = $4::xid8, position = $5, moved_at = clock_timestamp()
        where name = $3 and generation = $1 and xid = $6::xid8 and position = $7 returning 1),
      kept as (
        insert into ${table} (generation, ${names.join(', ')})
        select $1, ${names.join(', ')} from json_to_recordset($2::json) as r(${types.join(', ')}), moved
        on conflict (generation, ${key}) do ${others.length > 0 ? `update set ${others.join(', ')}` : 'nothing'})
      select 1 from moved`;
    this.dropSql = `delete from ${table} where ctid = any(array(
      select ctid from ${table} where generation < $1 limit ${DROP_BATCH})) returning 1`;
  }

  /**
   * Applies a batch of events and moves the generation's checkpoint to the last of them: one read of the rows concerned,
   * a fold in memory, one write. Returns false, with nothing written, when another process has moved it meanwhile.
   */
  async fold(on: Queryable, at: Generation, batch: readonly StoredEvent[]): Promise<boolean> {
    const { key, apply, name } = this.projection;
    const ids = [...new Set(batch.map(({ streamId }) => streamId))];
    const found = await query<ReadModelRow & QueryResultRow>(on, this.selectSql, [at.generation, ids]);
    const rows = new Map<string, ReadModelRow | undefined>(found.map((row) => [String(row[key]), row]));
    for (const event of batch) rows.set(event.streamId, apply(rows.get(event.streamId), event));
    const changed = ids.flatMap((id) => rows.get(id) ?? []);
    const to: LogPlace = batch.at(-1)!;
    const move = [at.generation, JSON.stringify(changed), name, to.xid, to.position, at.xid, at.position];
    return (await query(on, this.moveSql, move)).length > 0;
  }

  /** Deletes some rows of older generations, few enough for one statement; returns whether there may be more. */
  async drop(on: Queryable, before: number): Promise<boolean> {
    return (await query(on, this.dropSql, [before])).length === DROP_BATCH;
  }
}
