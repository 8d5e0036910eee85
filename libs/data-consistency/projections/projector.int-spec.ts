import { newId } from '@holdfast/messaging';
import { EventStore } from '../event-store/event-store.js';
import { defineStream } from '../event-store/stream.js';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { consistencyToken, withConsistency } from './consistency.js';
import { defineProjection } from './projection.js';
import { Projector } from './projector.js';
import { ReadModels, StaleRead } from './read-models.js';

type Fact = { type: 'added'; data: { by: number } };
const stream = defineStream<Fact, number>('note', { initial: 0, evolve: (sum, { data }) => sum + data.by });
interface Row extends Record<string, unknown> {
  note: string;
  length: number;
}
const lengths = defineProjection<typeof stream, Row>('lengths', {
  stream,
  table: 'note_length',
  key: 'note',
  columns: { note: 'text', length: 'int' },
  apply: (row, { streamId, fact }) => ({ note: streamId, length: (row?.length ?? 0) + fact.data.by }),
});

let notes: NotesOnPostgres;
let projectors: Projector[];
beforeEach(async () => {
  notes = await NotesOnPostgres.create();
  projectors = [];
});
afterEach(async () => {
  await Promise.all(projectors.map((projector) => projector.stepDown()));
  await notes.drop();
});

function projector(moved: () => void = () => {}, batchSize = 10): Projector {
  const database = notes.newDatabase();
  const made = new Projector({
    database,
    events: new EventStore(database),
    projection: lengths,
    failed: (error) => notes.failures.push(String(error)),
    moved,
    batchSize,
  });
  projectors.push(made);
  made.lead();
  return made;
}

const add = (id: string, version: number, by = 1) =>
  notes.work.run((tx) => tx.append(stream, id, version, [{ type: 'added', data: { by } }]));
const sums = (generation = `road_live('lengths')`) =>
  notes.rows(`select note, length from note_length where generation = ${generation} order by note`);
const truth = () =>
  notes.rows(`select stream_id as note, sum((data ->> 'by')::int)::int as length from event group by 1 order by 1`);
const caughtUp = async () =>
  until('the read model has caught up', async () => {
    projectors[0]!.wake();
    return JSON.stringify(await sums()) === JSON.stringify(await truth());
  });

describe('a projection', () => {
  it('is the fold of its events, over many batches and a restart', async () => {
    for (const version of Array.from({ length: 25 }).keys()) await add('a', version, version);
    await add('b', 0, 5);
    const first = projector();
    await caughtUp();
    await first.stepDown();
    await add('a', 25, 100);
    projector();
    await caughtUp();
    expect(await sums()).toEqual([
      { note: 'a', length: 400 },
      { note: 'b', length: 5 },
    ]);
  });

  it('is rebuilt beside live traffic; the new rows equal the old ones, which then go', async () => {
    const made = projector();
    for (const version of Array.from({ length: 30 }).keys()) await add(`n${version % 3}`, Math.floor(version / 3));
    await caughtUp();
    await notes.rows(`update note_length set length = 0`); // what a faulty version of the code left behind
    const traffic = { on: true };
    const writing = (async () => {
      for (let version = 0; traffic.on; version++) await add('busy', version);
    })();
    await made.rebuild();
    await made.rebuild(); // while one is under way: nothing
    await until(
      'the generation is swapped',
      async () => (await notes.rows(`select road_live('lengths') as live`))[0]!.live === 2,
    );
    traffic.on = false;
    await writing;
    await caughtUp();
    await until('the old rows are gone', async () => (await notes.count('note_length where generation < 2')) === 0);
    expect(await notes.rows('select generation, live from projection_generation')).toEqual([
      { generation: 2, live: true },
    ]);
    expect(notes.failures).toEqual([]);
    const events = await notes.count('event');
    expect(await made.state()).toMatchObject([{ generation: 2, live: true, events, total: events, behind: 0 }]);
  });

  it('is moved by one process only, also when two believe to lead', async () => {
    projector();
    projector();
    for (const version of Array.from({ length: 40 }).keys()) await add('a', version);
    await caughtUp();
    expect(await sums()).toEqual([{ note: 'a', length: 40 }]);
  });
});

describe('reading what was written', () => {
  it('waits for the write of the token, and says so when it does not come', async () => {
    const readModels = new ReadModels({ context: 'notes', database: notes.database, demandedWaitMs: 50 });
    const token = await withConsistency(undefined, async () => (await add('a', 0), consistencyToken()));
    await expect(withConsistency(token, () => readModels.caughtUp(lengths))).rejects.toThrow(StaleRead);
    const patient = new ReadModels({ context: 'notes', database: notes.database, demandedWaitMs: 10_000 });
    const waiting = withConsistency(token, () => patient.caughtUp(lengths));
    projector(() => patient.moved());
    await waiting;
    expect(await sums()).toEqual([{ note: 'a', length: 1 }]);
  });

  it('is a courtesy without a token: it waits a little, then answers', async () => {
    const readModels = new ReadModels({ context: 'notes', database: notes.database, courtesyWaitMs: 30 });
    await readModels.caughtUp(lengths);
    await notes.work.run((tx) => tx.append(stream, newId(), 0, [{ type: 'added', data: { by: 1 } }]));
    const [{ xid }] = (await notes.rows<{ xid: string }>('select xid::text as xid from event')) as [{ xid: string }];
    readModels.wrote(xid);
    const started = performance.now();
    await readModels.caughtUp(lengths);
    expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  });
});
