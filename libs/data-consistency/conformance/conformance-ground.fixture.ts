import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, NoteWritten, until } from '../fixture/notes-on-postgres.js';
import type { MessageHandler } from '../inbox/handler.js';
import { Operations } from '../road/operations.js';
import { MortalProcess, type Entrance, type Mishaps } from './mortal-process.fixture.js';

/** A conveyor to be examined, with whatever it needs around it (a broker, a stream). A new one for every test. */
export interface Belt {
  /** The conveyor as one new process sees it. */
  enter(): Entrance | Promise<Entrance>;
  /** Whether nothing is under way between outboxes and inboxes. Default: `carry` resolves when the inboxes have it. */
  isEmpty?(): Promise<boolean>;
  remove?(): Promise<void>;
}

export const CONTEXTS = ['notes', 'library', 'archive'] as const;
export type ContextName = (typeof CONTEXTS)[number];
export type HandlersByContext = Partial<Record<ContextName, readonly MessageHandler[]>>;

/** Short, so that what a dead process held does not wait long for the next one. */
const LEASE_MS = 400;

/** Down the indexes to what is left: it is asked again and again, and of most only that it is done. */
const MOVING = `
  select (select count(*) from outbox o
          where (o.xid, o.position) > ((select xid from relay_cursor), (select position from relay_cursor)))
       + (select count(*) from inbox i where i.done_at is null and i.position is null and i.parked_at is null)
       + (select count(*) from inbox i where i.done_at is null and i.position is not null and i.parked_at is null
            and not exists (select from inbox elder where elder.lane = i.lane and elder.position <= i.position
                              and elder.done_at is null and elder.parked_at is not null)) as count`;

/** Three contexts, each with a schema and roles of its own in a database of its own; `notes` is the one that tells. */
export class ConformanceGround {
  private processes: MortalProcess[] = [];
  private belt!: Belt;

  private constructor(private readonly schemas: ReadonlyMap<ContextName, NotesOnPostgres>) {}

  static async create(): Promise<ConformanceGround> {
    const schemas = new Map<ContextName, NotesOnPostgres>();
    for (const context of CONTEXTS) schemas.set(context, await NotesOnPostgres.create());
    return new ConformanceGround(schemas);
  }

  /** Empty tables and a new conveyor. */
  async clear(belt: Belt): Promise<void> {
    this.belt = belt;
    for (const notes of this.schemas.values()) {
      await notes.admin('truncate notes.outbox, notes.inbox, notes.effect');
      await this.rewind(notes);
    }
  }

  /** A new process with all contexts that have handlers, and with the road of `notes`, which tells. */
  async process(handlers: HandlersByContext, mishaps: Mishaps = {}): Promise<MortalProcess> {
    return (await this.entrance(handlers, mishaps)).process;
  }

  /** The same, with its conveyor for a test that carries by hand. */
  async entrance(handlers: HandlersByContext, mishaps: Mishaps = {}): Promise<Entrance & { process: MortalProcess }> {
    const contexts = CONTEXTS.filter((context) => context === 'notes' || handlers[context]).map(
      (context) => [context, { notes: this.of(context), handlers: handlers[context] ?? [] }] as const,
    );
    const entrance = await this.belt.enter();
    const process = new MortalProcess({ contexts: new Map(contexts), entrance, leaseMs: LEASE_MS, ...mishaps });
    this.processes.push(process);
    return { ...entrance, process: process.start() };
  }

  /** Ends all processes of the test. */
  async end(): Promise<void> {
    await Promise.all(this.processes.splice(0).map((process) => process.bury()));
    await this.belt.remove?.();
  }

  async drop(): Promise<void> {
    await Promise.all([...this.schemas.values()].map((notes) => notes.drop()));
  }

  of(context: ContextName): NotesOnPostgres {
    return this.schemas.get(context)!;
  }

  /** Writes events for `note` to the outbox of `notes`, each in a unit of work of its own, by way of a process or past all of them. */
  async tell(note: string, numbers: readonly number[], process?: MortalProcess): Promise<void> {
    const work = process?.roads.get('notes')!.work ?? this.of('notes').work;
    for (const n of numbers) await work.run((tx) => tx.emit(NoteWritten, { note, n }));
  }

  /** Waits until nothing moves any more, then gives what each handler did for a note, in order. */
  async quiet(): Promise<void> {
    const still = async () => {
      const moving = await Promise.all(
        [...this.schemas.values()].map(async (notes) => (await notes.rows<{ count: number }>(MOVING))[0]!.count),
      );
      return moving.every((count) => count === 0);
    };
    // In the direction in which messages move, so that none slips past between two looks.
    const { isEmpty = () => true } = this.belt;
    await until('nothing moves any more', async () => (await still()) && (await isEmpty()) && (await still()));
  }

  effects(context: ContextName, note: string, handler?: string): Promise<number[]> {
    return this.of(context).effects(note, handler);
  }

  operations(context: ContextName): Operations {
    return new Operations(context, this.of(context).database, () => {
      for (const process of this.processes) process.roads.get(context)?.wakeInbox();
    });
  }

  /** The relay begins again with the first message there ever was. */
  async rewind(notes: NotesOnPostgres = this.of('notes')): Promise<void> {
    await notes.admin(`update notes.relay_cursor set xid = '0', position = 0`);
  }
}

/** Note names of one test, unlike those of every other. */
export const noteNames = (count: number): string[] => Array.from({ length: count }, () => newId());
