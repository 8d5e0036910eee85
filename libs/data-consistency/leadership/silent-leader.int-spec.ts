import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { Leadership } from './leadership.js';

describe('a leader that gives no sign of life', () => {
  let notes: NotesOnPostgres;
  const candidates: Leadership[] = [];
  beforeEach(async () => void (notes = await NotesOnPostgres.create()));
  afterEach(async () => {
    await Promise.all(candidates.splice(0).map((candidate) => candidate.release()));
    await notes.drop();
  });

  function candidate(heartbeatMs: number) {
    const log: string[] = [];
    const task = {
      lead: (epoch: number) => void log.push(`lead ${epoch}`),
      stepDown: async () => void log.push('down'),
    };
    const leadership = new Leadership({
      database: notes.newDatabase(2),
      name: 'notes',
      tasks: [task],
      retryMs: 20,
      heartbeatMs,
    });
    candidates.push(leadership);
    leadership.start();
    return { leadership, log };
  }

  it('is put out after three that it missed, and another one leads in a later epoch', async () => {
    const silent = candidate(60_000);
    await until('it leads', () => silent.leadership.leads);
    const eager = candidate(100);
    await until('the other one leads', () => eager.leadership.leads);
    expect(eager.log).toEqual(['lead 2']);
    await until('the first one knows', () => silent.log.includes('down'));
    expect(silent.log).toEqual(['lead 1', 'down']);
  });

  it('is left alone as long as it gives them in time', async () => {
    const living = candidate(30);
    await until('it leads', () => living.leadership.leads);
    const eager = candidate(100);
    const began = performance.now();
    await until('longer than the silence allowed to it', () => performance.now() - began > 1_000);
    expect(living.log).toEqual(['lead 1']);
    expect(eager.leadership.leads).toBe(false);
  });
});
