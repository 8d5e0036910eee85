import { NoteWritten, NotesOnPostgres, recorder, until } from '../fixture/notes-on-postgres.js';
import { lengths, noteStream } from '../projections/lengths.fixture.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());

const begin = () => notes.road([recorder('seen')], { projections: [lengths] });
const write = (note: string) =>
  notes.work.run((tx) => {
    tx.append(noteStream, note, 0, [{ type: 'added', data: { by: 1 } }]);
    tx.emit(NoteWritten, { note, n: 1 });
  });
const isThere = (note: string) => async () =>
  (await notes.effects(note)).length + (await notes.count(`note_length where note = '${note}'`)) === 2;

/** A cluster as many transactions ahead: as if the log had been dumped there, or had got home again. */
const move = (table: string, by: string) =>
  notes.admin(`update notes.${table} set xid = (xid::text::bigint ${by})::text::xid8`);

it('a log that was dumped in another cluster is refused, loudly, until transaction ids have caught up with it', async () => {
  begin();
  await write('before');
  await until('it is carried and projected', isThere('before'));
  await notes.stopRoads();
  for (const table of ['relay_cursor', 'projection_generation']) await move(table, '+ 1000000000');

  begin();
  await write('after');
  for (const part of ['relay', 'projection lengths']) {
    const told = new RegExp(`^${part}: ForeignLog.*pg_resetwal`);
    await until(`the ${part} says so`, () => notes.failures.some((failure) => told.test(failure)));
  }
  expect(await notes.effects('after')).toEqual([]);
  expect(await notes.count(`note_length where note = 'after'`)).toBe(0);

  for (const table of ['relay_cursor', 'projection_generation']) await move(table, '- 1000000000');
  await until('it is carried and projected', isThere('after'));
}, 60_000);
