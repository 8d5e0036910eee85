import { newId, type Conveyor } from '@holdfast/messaging';
import { NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterEach(() => notes.stopRoads());
afterAll(() => notes.drop());

/** What arrives wakes one process only; another one has to find it by itself. */
const deaf: Conveyor = {
  name: 'in-process',
  connect: () => {},
  carry: async () => {},
  lastCarried: async () => undefined,
};

const ROUNDS = 24;

describe('two processes on one inbox', () => {
  it('share bursts that are longer than one of them can handle at once, though only one is told of them', async () => {
    const done = { woken: 0, deaf: 0 };
    const worker = (who: keyof typeof done, conveyor?: Conveyor) =>
      notes.road([recorder('slow', async (_, tx) => void (await tx.read('select pg_sleep(0.02)'), (done[who] += 1)))], {
        concurrency: 2,
        ...(conveyor && { conveyor }),
      });
    worker('woken');
    worker('deaf', deaf);
    const burst = async () => {
      await notes.conveyor.carry(Array.from({ length: 16 }, () => written(newId(), 1)));
      await until('the burst is over', async () => (await notes.count('inbox where done_at is null')) === 0);
    };
    await until('both have begun', async () => (await burst(), done.deaf > 0));
    let shared = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const before = done.deaf;
      await burst();
      if (done.deaf > before) shared += 1;
    }
    expect(shared).toBeGreaterThanOrEqual(ROUNDS / 2); // who looks once a second finds one in five of them
  }, 60_000);
});
