import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';

describe('a handler that gets no turn at what others lock', () => {
  let notes: NotesOnPostgres;
  beforeAll(async () => void (notes = await NotesOnPostgres.create()));
  afterEach(() => notes.stopRoads());
  afterAll(() => notes.drop());

  it('is tried again soon, as often as it takes, and none of it counts as a failed attempt', async () => {
    const note = newId();
    let turns = 0;
    const contended = () => {
      turns += 1;
      const cause = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
      if (turns <= 4) throw cause; // more often than it may fail
    };
    notes.road([recorder('contended', contended, { maxAttempts: 2, backoffMs: [60_000] })]);
    await notes.conveyor.carry([written(note, 1)]);
    await until('it is handled', async () => (await notes.effects(note)).length === 1);
    expect(turns).toBe(5);
    const [row] = await notes.rows<{ attempts: number }>('select attempts from inbox where done_at is not null');
    expect(row).toEqual({ attempts: 1 });
  });
});
