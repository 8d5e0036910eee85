import type { QueryResultRow } from 'pg';
import { query, type Database } from '../database/database.js';
import { LOG_START, type EventStore, type LogPlace, type StoredEvent } from '../event-store/event-store.js';
import type { LeaderTask } from '../leadership/leadership.js';
import { Pump, type Turn } from '../leadership/pump.js';
import { ProjectionTable } from './projection-table.js';
import type { Projection } from './projection.js';

export interface ProjectorOptions {
  database: Database;
  events: EventStore;
  projection: Projection;
  failed: (error: unknown) => void;
  /** Told after each batch that moved the live generation. */
  moved: (checkpoint: LogPlace) => void;
  /** Events per turn, default 1,000. */
  batchSize?: number;
}

interface GenerationRow extends QueryResultRow {
  generation: number;
  live: boolean;
  xid: string;
  position: number;
}

/**
 * Keeps one projection up to date: folds the next events of the log into its rows and moves its checkpoint in the same
 * transaction. A rebuild is a second generation of rows that catches up from the start while the first one is being read;
 * when it has caught up, it becomes the live one in a single update.
 */
export class Projector implements LeaderTask {
  private readonly pump: Pump;
  private readonly table: ProjectionTable;
  private readonly batchSize: number;
  /** Rows of older generations may be lying about. */
  private litter = true;

  constructor(private readonly options: ProjectorOptions) {
    this.batchSize = options.batchSize ?? 1_000;
    this.table = new ProjectionTable(options.projection);
    this.pump = new Pump({ turn: () => this.turn(), failed: options.failed });
  }

  get name(): string {
    return this.options.projection.name;
  }

  lead(): void {
    this.litter = true;
    this.pump.start();
  }

  async stepDown(): Promise<void> {
    await this.pump.stop();
  }

  wake(): void {
    this.pump.wake();
  }

  /**
   * Starts a new generation from the beginning of the log; resolves at once, the swap follows when it has caught up. Does
   * nothing while one is under way, or before the projection has begun.
   */
  async rebuild(): Promise<void> {
    const { database, projection } = this.options;
    await database.read(
      `insert into projection_generation (name, stream_type, generation, live)
       select $1, $2, max(generation) + 1, false from projection_generation where name = $1
       having bool_and(live) on conflict do nothing`,
      [projection.name, projection.stream.name],
    );
    this.wake();
  }

  private async turn(): Promise<Turn> {
    const generations = await this.generations();
    const turns = [];
    for (const generation of generations) turns.push(await this.advance(generation));
    if (this.litter) turns.push(await this.sweep());
    return turns.find((turn) => turn === 'more') ?? turns.find((turn) => turn === 'unsettled') ?? 'idle';
  }

  private async generations(): Promise<GenerationRow[]> {
    const { database, projection } = this.options;
    const found = await database.read<GenerationRow>(
      `select generation, live, xid::text as xid, position from projection_generation where name = $1 order by generation`,
      [projection.name],
    );
    if (found.length > 0) return found;
    await database.read(
      `insert into projection_generation (name, stream_type, generation, live) values ($1, $2, 1, true) on conflict do nothing`,
      [projection.name, projection.stream.name],
    );
    return [{ generation: 1, live: true, ...LOG_START }];
  }

  private async advance(at: GenerationRow): Promise<Turn> {
    const { events, projection, moved } = this.options;
    const { events: batch, settled } = await events.readLog(projection.stream, { after: at, limit: this.batchSize });
    const last = batch.at(-1);
    if (last) {
      await this.apply(at, batch, last);
      if (at.live) moved(last);
    }
    if (batch.length === this.batchSize) return 'more';
    if (!at.live) await this.swap(at.generation);
    return settled ? 'idle' : 'unsettled';
  }

  private async apply(at: GenerationRow, batch: StoredEvent[], last: LogPlace): Promise<void> {
    const { database, projection } = this.options;
    await database.transaction(async (client) => {
      const checkpoint = await query(
        client,
        `update projection_generation set xid = $3::xid8, position = $4, moved_at = clock_timestamp()
         where name = $1 and generation = $2 and xid = $5::xid8 and position = $6 returning 1`,
        [projection.name, at.generation, last.xid, last.position, at.xid, at.position],
      );
      if (checkpoint.length === 0)
        throw new Error(`Projection ${projection.name} was moved by another process meanwhile`);
      await this.table.fold(client, at.generation, batch);
    });
  }

  private async swap(generation: number): Promise<void> {
    const { database, projection } = this.options;
    await database.transaction(async (client) => {
      await query(client, `delete from projection_generation where name = $1 and generation < $2`, [
        projection.name,
        generation,
      ]);
      await query(client, `update projection_generation set live = true where name = $1 and generation = $2`, [
        projection.name,
        generation,
      ]);
    });
    this.litter = true;
  }

  /** Deletes the rows of older generations bit by bit: all at once might take longer than a statement may. */
  private async sweep(): Promise<Turn> {
    const { database, projection } = this.options;
    const live = await database.one<{ generation: number }>(`select road_live($1) as generation`, [projection.name]);
    this.litter = live !== undefined && (await this.table.drop(database.pool, live.generation));
    return this.litter ? 'more' : 'idle';
  }
}
