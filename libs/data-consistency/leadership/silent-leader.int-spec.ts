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

  // A heartbeat also bounds how long its answer may take: a shorter one would depose a leader because this machine is busy.
  function candidate(heartbeatMs: number, retryMs = 20) {
    const log: string[] = [];
    const task = {
      lead: (epoch: number) => void log.push(`lead ${epoch}`),
      stepDown: async () => void log.push('down'),
    };
    const leadership = new Leadership({
      database: notes.newDatabase(2),
      name: 'notes',
      tasks: [task],
      retryMs,
      heartbeatMs,
    });
    candidates.push(leadership);
    leadership.start();
    return { leadership, log };
  }

  it('is put out after three that it missed, and another one leads in a later epoch', async () => {
    const silent = candidate(60_000, 60_000); // nor does it run again: it might be elected before the other one looks
    await until('it leads', () => silent.leadership.leads);
    const eager = candidate(300);
    await until('the other one leads', () => eager.leadership.leads);
    expect(eager.log).toEqual(['lead 2']);
    await until('the first one knows', () => silent.log.includes('down'));
    expect(silent.log).toEqual(['lead 1', 'down']);
  });

  it('is left alone as long as it gives them in time', async () => {
    const living = candidate(300);
    await until('it leads', () => living.leadership.leads);
    const eager = candidate(500);
    const began = performance.now();
    await until('longer than the silence allowed to it', () => performance.now() - began > 2_500);
    expect(living.log).toEqual(['lead 1']);
    expect(eager.leadership.leads).toBe(false);
  });
});
