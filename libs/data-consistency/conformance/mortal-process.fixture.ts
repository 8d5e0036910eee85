import type { Conveyor, Letter } from '@holdfast/messaging';
import type pg from 'pg';
import { Database } from '../database/database.js';
import type { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import type { MessageHandler } from '../inbox/handler.js';
import { Road } from '../road/road.js';

/** A boundary at which a process may end. */
export interface Step {
  name: string;
  /** The statement that makes the step; a step without one is the conveyor's `carry`. */
  statement?: RegExp;
  /** Whether the answer to the statement shows that it did something; default: any does. */
  didSomething?: (rows: readonly unknown[]) => boolean;
}

/** Where and on which side of it a process ends, as if by kill -9. */
export interface Death {
  step: Step;
  side: 'before' | 'after';
}

/** How a conveyor looks to one process. */
export interface Entrance {
  readonly conveyor: Conveyor;
  /** The process is gone: nothing is received any more. */
  leave(): Promise<void>;
}

/** What goes wrong in a process. */
export interface Mishaps {
  death?: Death;
  /** Stands between the conveyor and each inbox. */
  ingesting?: (context: string, ingest: () => Promise<void>) => Promise<void>;
}

export interface ProcessOptions extends Mishaps {
  /** Each context of the process with its schema and its handlers. */
  contexts: ReadonlyMap<string, { notes: NotesOnPostgres; handlers: readonly MessageHandler[] }>;
  entrance: Entrance;
  leaseMs: number;
}

/**
 * A process with one road per context that can die at a step. From then on it sends no statement, hears no answer, and
 * its sessions are gone: what PostgreSQL and its neighbours see of a kill -9.
 */
export class MortalProcess {
  readonly roads = new Map<string, Road>();
  readonly died: Promise<void>;
  private alive = true;
  private buried = false;
  private readonly unheard: ((reason: Error) => void)[] = [];
  private dying!: () => void;
  private readonly sessions: { notes: NotesOnPostgres; pid: number }[] = [];
  private readonly databases: { notes: NotesOnPostgres; database: Database }[] = [];

  constructor(private readonly options: ProcessOptions) {
    this.died = new Promise((resolve) => (this.dying = resolve));
    const conveyor = this.mortalConveyor(options.entrance.conveyor);
    for (const [context, { notes, handlers }] of options.contexts) {
      const road = new Road({
        context,
        database: this.mortalDatabase(notes),
        conveyor,
        projections: [],
        observed: () => {},
        failed: () => {},
        leaseMs: options.leaseMs,
      });
      road.connect(handlers);
      this.roads.set(context, road);
    }
  }

  start(): this {
    for (const road of this.roads.values()) road.start();
    return this;
  }

  /** kill -9. Resolves when the sessions are gone too. */
  async kill(): Promise<void> {
    this.alive = false;
    await this.options.entrance.leave();
    for (const [notes, sessions] of Map.groupBy(this.sessions.splice(0), ({ notes }) => notes)) {
      const pids = sessions.map(({ pid }) => pid);
      await notes.admin('select pg_terminate_backend(pid) from unnest($1::int[]) pid', pids);
    }
    this.dying();
  }

  /** Ends what is left of it, so that nothing hangs: in an orderly way when it still lives. */
  async bury(): Promise<void> {
    this.buried = !this.alive;
    for (const reject of this.unheard.splice(0)) reject(new Error('This process is dead'));
    const roads = [...this.roads.values()];
    await Promise.all(roads.map((road) => road.stopHandling()));
    await Promise.all(roads.map((road) => road.releaseLeadership()));
    await Promise.all(this.databases.splice(0).map(({ notes, database }) => notes.close(database)));
    if (!this.buried) await this.options.entrance.leave();
  }

  /** What a dead process waits for. */
  private never(): Promise<never> {
    if (this.buried) return Promise.reject(new Error('This process is dead'));
    return new Promise((_, reject) => this.unheard.push(reject));
  }

  private mortalDatabase(notes: NotesOnPostgres): Database {
    const database = notes.newDatabase();
    this.databases.push({ notes, database });
    const { pool } = database;
    pool.on('connect', (client) => {
      client.on('error', () => {}); // its session is ended on purpose
      this.sessions.push({ notes, pid: (client as unknown as { processID: number }).processID });
    });
    const query = (config: pg.QueryConfig) => this.step(config.text, () => pool.query(config));
    const connect = () =>
      this.step('', async () => {
        const client = await pool.connect();
        if (!this.alive) client.release(true); // nobody will
        return client;
      });
    return new Database({ query, connect } as unknown as pg.Pool);
  }

  private mortalConveyor(conveyor: Conveyor): Conveyor {
    const carrying = <M>(batch: readonly M[], carry: () => Promise<void>) =>
      this.step(undefined, async () => {
        await carry();
        return { rows: batch };
      }).then(() => {});
    return {
      name: conveyor.name,
      lastCarried: (source, doubt) => conveyor.lastCarried(source, doubt),
      connect: (sink) => {
        const { ingesting = (_context, ingest) => ingest() } = this.options;
        return conveyor.connect({
          context: sink.context,
          contracts: sink.contracts,
          reads: (message) => sink.reads(message),
          ingest: (messages) => ingesting(sink.context, () => sink.ingest(messages)),
        });
      },
      carry: (batch, places) => carrying(batch, () => conveyor.carry(batch, places)),
      ...(conveyor.carryUnopened && {
        carryUnopened: (batch: readonly Letter[]) => carrying(batch, () => conveyor.carryUnopened!(batch)),
      }),
    };
  }

  private async step<R>(statement: string | undefined, work: () => Promise<R>): Promise<R> {
    if (!this.alive) return this.never();
    const { death } = this.options;
    const here = death !== undefined && this.isAt(death.step, statement);
    if (here && death.side === 'before') return this.endHere();
    const result = await work().catch((error: unknown) => {
      if (this.alive) throw error;
    });
    if (!this.alive || result === undefined) return this.never();
    const { rows = [] } = result as { rows?: unknown[] };
    if (here && (death.step.didSomething?.(rows) ?? true)) return this.endHere();
    return result;
  }

  private isAt(step: Step, statement: string | undefined): boolean {
    return statement === undefined ? step.statement === undefined : (step.statement?.test(statement) ?? false);
  }

  private endHere(): Promise<never> {
    void this.kill();
    return this.never();
  }
}
