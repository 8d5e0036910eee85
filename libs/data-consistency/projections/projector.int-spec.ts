import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { consistencyToken, withConsistency } from './consistency.js';
import { Lengths, lengths, noteStream } from './lengths.fixture.js';
import { ReadModels, StaleRead } from './read-models.js';

let notes: NotesOnPostgres;
let model: Lengths;
beforeEach(async () => {
  notes = await NotesOnPostgres.create();
  model = new Lengths(notes);
});
afterEach(() => model.stop());

describe('a projection', () => {
  it('is the fold of its events, over many batches and a restart', async () => {
    for (const version of Array.from({ length: 25 }).keys()) await model.add('a', version, version);
    await model.add('b', 0, 5);
    const first = model.projector();
    await model.caughtUp();
    await first.stepDown();
    await model.add('a', 25, 100);
    model.projector();
    await model.caughtUp();
    expect(await model.live()).toEqual([
      { note: 'a', length: 400 },
      { note: 'b', length: 5 },
    ]);
  });

  it('is the same fold when a batch changes many rows, new ones and older ones', async () => {
    await model.fill(30, 3);
    model.projector({ batchSize: 40 });
    await model.caughtUp();
    expect(await model.live()).toHaveLength(30);
    expect(notes.failures).toEqual([]);
  });

  it('is rebuilt beside live traffic; the new rows equal the old ones, which then go', async () => {
    const made = model.projector();
    for (const version of Array.from({ length: 30 }).keys())
      await model.add(`n${version % 3}`, Math.floor(version / 3));
    await model.caughtUp();
    await notes.rows(`update note_length set length = 0`); // what a faulty version of the code left behind
    const traffic = { on: true };
    const writing = (async () => {
      for (let version = 0; traffic.on; version++) await model.add('busy', version);
    })();
    await made.rebuild();
    await made.rebuild(); // while one is under way: nothing
    await until(
      'the generation is swapped',
      async () => (await notes.rows(`select road_live('lengths') as live`))[0]!.live === 2,
    );
    traffic.on = false;
    await writing;
    await model.caughtUp();
    await until('the old rows are gone', async () => (await notes.count('note_length where generation < 2')) === 0);
    expect(await notes.rows('select generation, live from projection_generation')).toEqual([
      { generation: 2, live: true },
    ]);
    expect(notes.failures).toEqual([]);
    const events = await notes.count('event');
    expect(await made.state()).toMatchObject([{ generation: 2, live: true, events, total: events, behind: 0 }]);
  });

  it('is moved by one process only, also when two believe to lead', async () => {
    model.projector();
    model.projector();
    for (const version of Array.from({ length: 40 }).keys()) await model.add('a', version);
    await model.caughtUp();
    expect(await model.live()).toEqual([{ note: 'a', length: 40 }]);
  });
});

describe('reading what was written', () => {
  it('waits for the write of the token, and says so when it does not come', async () => {
    const readModels = new ReadModels({ context: 'notes', database: notes.database, demandedWaitMs: 50 });
    const token = await withConsistency(undefined, async () => (await model.add('a', 0), consistencyToken()));
    await expect(withConsistency(token, () => readModels.caughtUp(lengths))).rejects.toThrow(StaleRead);
    const patient = new ReadModels({ context: 'notes', database: notes.database, demandedWaitMs: 10_000 });
    const waiting = withConsistency(token, () => patient.caughtUp(lengths));
    model.projector({ moved: () => patient.moved() });
    await waiting;
    expect(await model.live()).toEqual([{ note: 'a', length: 1 }]);
  });

  it('is a courtesy without a token: it waits a little, then answers', async () => {
    const readModels = new ReadModels({ context: 'notes', database: notes.database, courtesyWaitMs: 30 });
    await readModels.caughtUp(lengths);
    await notes.work.run((tx) => tx.append(noteStream, newId(), 0, [{ type: 'added', data: { by: 1 } }]));
    const [{ xid }] = (await notes.rows<{ xid: string }>('select xid::text as xid from event')) as [{ xid: string }];
    readModels.wrote(xid);
    const started = performance.now();
    await readModels.caughtUp(lengths);
    expect(performance.now() - started).toBeGreaterThanOrEqual(29);
  });
});
