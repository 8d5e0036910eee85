import type { Database } from '../database/database.js';
import type { EventStore } from '../event-store/event-store.js';
import { LogReader } from '../event-store/log-reader.js';
import type { Stream } from '../event-store/stream.js';
import type { LeaderTask } from '../leadership/leadership.js';
import { Pump, type Turn } from '../leadership/pump.js';
import { checksum, type Checksum } from './checksum.js';
import { Generations, type Generation, type GenerationProgress } from './generations.js';
import { ProjectionTable } from './projection-table.js';
import type { Projection } from './projection.js';

/** What a projector needs to keep one read model up to date. */
export interface ProjectorOptions {
  database: Database;
  events: EventStore;
  projection: Projection;
  failed: (error: unknown) => void;
  /** Told after each batch that moved the live generation. */
  moved: () => void;
  /** Events per turn, default 2,000: in a rebuild the live rows wait for no more than one such batch. */
  batchSize?: number;
}

/** A generation as an operator sees it; the sums when they were asked for. */
export type GenerationState = GenerationProgress & Partial<Pick<Checksum, 'rows' | 'checksum'>>;

/**
 * Keeps one projection up to date: folds the next events of the log into its rows and moves its checkpoint in the same
 * transaction. A rebuild is a second generation of rows that catches up from the start while the first one is being read;
 * when it knows what the first one does, it becomes the live one in a single update. Two processes may do it at once: each
 * batch is written by one of them.
 */
export class Projector implements LeaderTask {
  private readonly pump: Pump;
  private readonly table: ProjectionTable;
  private readonly generations: Generations;
  /** One per generation: each is at its own place in the log. */
  private readonly readers = new Map<number, LogReader<Stream>>();
  /** Rows of older generations may be lying about. */
  private litter = true;

  constructor(private readonly options: ProjectorOptions) {
    const { database, projection, failed } = options;
    this.table = new ProjectionTable(projection);
    this.generations = new Generations(database, projection);
    this.pump = new Pump({ turn: () => this.turn(), failed });
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
    await Promise.all([...this.readers.values()].map((reader) => reader.stop()));
    this.readers.clear();
  }

  wake(): void {
    this.pump.wake();
  }

  /**
   * Begins a new generation at the start of the log; resolves at once, the swap follows when it has caught up. Does
   * nothing while one is under way, or before the projection has begun.
   *
   * @returns whether it began one
   */
  async rebuild(): Promise<boolean> {
    const begun = await this.generations.beginNext();
    this.wake();
    return begun;
  }

  /** Every generation, oldest first, with how far it has come; with `sums`, also what its rows amount to. */
  async state({ sums = false }: { sums?: boolean } = {}): Promise<GenerationState[]> {
    const progress = await this.generations.progress();
    if (!sums) return progress;
    return Promise.all(progress.map(async (one) => ({ ...one, ...(await this.sumsOf(one.generation)) })));
  }

  /** What the rows of a generation amount to, by default of the one that is read; undefined when there is none. */
  async checksum(generation?: number): Promise<Checksum | undefined> {
    const { database, projection } = this.options;
    const which = generation ?? (await this.generations.live());
    return which === undefined ? undefined : checksum(database, projection, which);
  }

  private async sumsOf(generation: number): Promise<Pick<Checksum, 'rows' | 'checksum'> | undefined> {
    const sums = await this.checksum(generation);
    return sums && { rows: sums.rows, checksum: sums.checksum };
  }

  private async turn(): Promise<Turn> {
    const generations = await this.generations.all();
    this.forgetAllBut(generations);
    const turns: Turn[] = [];
    for (const generation of generations) turns.push(await this.advance(generation));
    if (this.litter) turns.push(await this.sweep());
    return (['more', 'unsettled', 'some'] as const).find((one) => turns.includes(one)) ?? 'idle';
  }

  private async advance(at: Generation): Promise<Turn> {
    const { database, moved } = this.options;
    const reader = this.readerOf(at.generation);
    const { events: batch, settled } = await reader.next(at);
    const last = batch.at(-1);
    if (last) {
      const mine = await this.table.fold(database.pool, at, batch);
      if (!mine) return 'unsettled';
      if (at.live) moved();
    }
    if (batch.length === reader.pageSize) return 'more';
    if (!at.live) return (await this.generations.swapTo(at.generation)) ? 'more' : 'unsettled'; // next, what is older is swept
    if (!settled) return 'unsettled';
    return last ? 'some' : 'idle';
  }

  private readerOf(generation: number): LogReader<Stream> {
    const { events, projection, batchSize = 2_000 } = this.options;
    const found = this.readers.get(generation);
    if (found) return found;
    const made = new LogReader({ events, stream: projection.stream, pageSize: batchSize });
    this.readers.set(generation, made);
    return made;
  }

  /** A swap, by this process or by another, leaves rows that nobody reads and a reader of the log that has caught up. */
  private forgetAllBut(generations: readonly Generation[]): void {
    for (const known of this.readers.keys()) {
      if (generations.some(({ generation }) => generation === known)) continue;
      this.readers.delete(known);
      this.litter = true;
    }
  }

  /** Deletes the rows of older generations bit by bit: all at once might take longer than a statement may. */
  private async sweep(): Promise<Turn> {
    const live = await this.generations.live();
    this.litter = live !== undefined && (await this.table.drop(this.options.database.pool, live));
    return this.litter ? 'more' : 'idle';
  }
}
