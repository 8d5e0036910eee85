import { EventStore } from '../event-store/event-store.js';
import { defineStream } from '../event-store/stream.js';
import { until, type NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { defineProjection } from './projection.js';
import { Projector, type ProjectorOptions } from './projector.js';

type Fact = { type: 'added'; data: { by: number } };
export const noteStream = defineStream<Fact, number>('note', { initial: 0, evolve: (sum, { data }) => sum + data.by });

interface Row extends Record<string, unknown> {
  note: string;
  length: number;
}

export const lengths = defineProjection<typeof noteStream, Row>('lengths', {
  stream: noteStream,
  table: 'note_length',
  key: 'note',
  columns: { note: 'text', length: 'int' },
  apply: (row, { streamId, fact }) => ({ note: streamId, length: (row?.length ?? 0) + fact.data.by }),
});

/** The lengths of notes, with as many processes that keep them up to date as a test wants. */
export class Lengths {
  readonly projectors: Projector[] = [];

  constructor(readonly notes: NotesOnPostgres) {}

  /** Another process, leading. */
  projector(options: Partial<ProjectorOptions> = {}): Projector {
    const database = this.notes.newDatabase();
    const made = new Projector({
      database,
      events: new EventStore(database),
      projection: lengths,
      failed: (error) => this.notes.failures.push(String(error)),
      moved: () => {},
      batchSize: 10,
      ...options,
    });
    this.projectors.push(made);
    made.lead();
    return made;
  }

  async stop(): Promise<void> {
    await Promise.all(this.projectors.map((projector) => projector.stepDown()));
    await this.notes.drop();
  }

  add(id: string, version: number, by = 1): Promise<void> {
    return this.notes.work.run((tx) => tx.append(noteStream, id, version, [{ type: 'added', data: { by } }]));
  }

  /** Many facts at once, as an import would leave them: `streams` notes of `each` facts. */
  async fill(streams: number, each: number): Promise<void> {
    await this.notes.admin(
      `insert into notes.event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
       select 'note', 'n' || n, v, gen_random_uuid(), 'added', 1, '{"by":1}', '{}'
       from generate_series(1, $2::int) v, generate_series(1, $1::int) n`,
      streams,
      each,
    );
  }

  live(): Promise<Row[]> {
    return this.notes.rows<Row>(
      `select note, length from note_length where generation = road_live('lengths') order by note`,
    );
  }

  truth(): Promise<Row[]> {
    return this.notes.rows<Row>(
      `select stream_id as note, sum((data ->> 'by')::int)::int as length from event where stream_type = 'note' group by 1 order by 1`,
    );
  }

  async caughtUp(): Promise<void> {
    await until('the read model has caught up', async () => {
      for (const projector of this.projectors) projector.wake();
      return JSON.stringify(await this.live()) === JSON.stringify(await this.truth());
    });
  }

  /** Resolves when the rows that are read are of this generation and no others are left. */
  async swappedTo(generation: number): Promise<void> {
    await until(`generation ${generation} is read`, async () => {
      for (const projector of this.projectors) projector.wake();
      const [row] = await this.notes.rows<{ live: number }>(`select road_live('lengths') as live`);
      return row!.live === generation && (await this.notes.count(`note_length where generation < ${generation}`)) === 0;
    });
  }
}
