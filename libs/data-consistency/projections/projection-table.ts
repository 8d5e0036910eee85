import type { QueryResultRow } from 'pg';
import { query, type Queryable } from '../database/database.js';
import type { LogPlace, StoredEvent } from '../event-store/event-store.js';
import { arraysOf, functionsOfArrays } from '../unit-of-work/row-arrays.js';
import type { Generation } from './generations.js';
import type { Projection, ReadModelRow } from './projection.js';

const DROP_BATCH = 5_000;

type Rows = Map<string, ReadModelRow | undefined>;

/** The rows of one projection: read and written a batch at a time. */
export class ProjectionTable {
  private readonly selectSql: string;
  private readonly moveSql: string;
  /** The same for many rows, which travel as arrays. */
  private readonly moveManySql: string;
  private readonly dropSql: string;

  constructor(private readonly projection: Projection) {
    const { table, key, columns } = projection;
    const names = Object.keys(columns);
    const types = Object.entries(columns).map(([column, type]) => `${column} ${type}`);
    const others = names.filter((column) => column !== key).map((column) => `${column} = excluded.${column}`);
    this.selectSql = `select ${names.join(', ')} from ${table} where generation = $1 and ${key} = any($2::${columns[key]}[])`;
    // The checkpoint and the rows in one statement, in one round trip: its transaction holds the log's horizon no longer
    // than it must. Whoever finds the checkpoint moved by another process writes nothing.
    const moveFrom = (rows: string) => `with moved as (
        update projection_generation set xid = $3::xid8, position = $4, moved_at = clock_timestamp()
        where name = $2 and generation = $1 and xid = $5::xid8 and position = $6 returning 1),
      kept as (
        insert into ${table} (generation, ${names.join(', ')})
        select $1, ${names.join(', ')} from ${rows}, moved
        on conflict (generation, ${key}) do ${others.length > 0 ? `update set ${others.join(', ')}` : 'nothing'})
      select 1 from moved`;
    this.moveSql = moveFrom(`json_to_recordset($7::json) as r(${types.join(', ')})`);
    this.moveManySql = moveFrom(`rows from (${functionsOfArrays(columns, 7)}) as r(${names.join(', ')})`);
    this.dropSql = `delete from ${table} where ctid = any(array(
      select ctid from ${table} where generation < $1 limit ${DROP_BATCH})) returning 1`;
  }

  /**
   * Applies a batch of events and moves the generation's checkpoint to the last of them: one read of the rows concerned,
   * a fold in memory, one write. Returns false, with nothing written, when another process has moved it meanwhile.
   */
  async fold(on: Queryable, at: Generation, batch: readonly StoredEvent[]): Promise<boolean> {
    const { apply, name, columns } = this.projection;
    const rows = await this.rowsBefore(on, at, batch);
    for (const event of batch) rows.set(event.streamId, apply(rows.get(event.streamId), event));
    const changed = [...rows.values()].filter((row) => row !== undefined);
    const to: LogPlace = batch.at(-1)!;
    const move = [at.generation, name, to.xid, to.position, at.xid, at.position];
    const arrays = arraysOf(columns, changed);
    const moved = arrays
      ? query(on, this.moveManySql, [...move, ...arrays])
      : query(on, this.moveSql, [...move, JSON.stringify(changed)]);
    return (await moved).length > 0;
  }

  /** The rows that a batch goes on from: a stream that begins in it has none yet. */
  private async rowsBefore(on: Queryable, at: Generation, batch: readonly StoredEvent[]): Promise<Rows> {
    const rows: Rows = new Map();
    const older: string[] = [];
    for (const { streamId, version } of batch) {
      if (rows.has(streamId)) continue;
      rows.set(streamId, undefined);
      if (version > 1) older.push(streamId);
    }
    if (older.length === 0) return rows;
    const found = await query<ReadModelRow & QueryResultRow>(on, this.selectSql, [at.generation, older]);
    for (const row of found) rows.set(String(row[this.projection.key]), row);
    return rows;
  }

  /** Deletes some rows of older generations, few enough for one statement; returns whether there may be more. */
  async drop(on: Queryable, before: number): Promise<boolean> {
    return (await query(on, this.dropSql, [before])).length === DROP_BATCH;
  }
}
