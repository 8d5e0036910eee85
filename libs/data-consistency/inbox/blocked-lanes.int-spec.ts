import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { Handlers } from './handler.js';
import { InboxQueue } from './inbox-queue.js';
import { InboxWorker } from './inbox-worker.js';

describe('more lanes that wait for a retry than one claim looks at', () => {
  let notes: NotesOnPostgres;
  beforeAll(async () => {
    notes = await NotesOnPostgres.create();
    await notes.admin(`insert into notes.inbox (message_id, handler, type, source, envelope, lane, position, next_attempt_at)
                       select gen_random_uuid(), 'h', 't', 's', '{}', '/' || n, n, now() + interval '1 h'
                       from generate_series(1, 2500) n`);
  });
  afterAll(() => notes.drop());

  it('are looked at once per poll, not without a pause; what is ready behind them is found', async () => {
    const database = notes.newDatabase();
    const queue = new InboxQueue(database, 5_000);
    const claim = queue.claim.bind(queue);
    const walks: { began: number; claims: number }[] = [];
    queue.claim = async (request) => {
      if (request.after === '') walks.push({ began: performance.now(), claims: 0 });
      walks.at(-1)!.claims += 1;
      return claim(request);
    };
    const recording = recorder('any');
    const worker = new InboxWorker({
      context: 'notes',
      queue,
      handlers: new Handlers([recording]),
      work: notes.workOn(database),
      observed: () => {},
      failed: () => {},
      leaseMs: 5_000,
    });
    notes.road([recording], { start: false }); // its inbox only: nobody wakes the worker
    worker.start();
    try {
      await until('it has looked at all of them four times', () => walks.length >= 5);
      const pauses = walks.slice(1, 5).map(({ began }, index) => began - walks[index]!.began);
      for (const pause of pauses) expect(pause).toBeGreaterThan(900);
      expect(walks.slice(0, 4).map(({ claims }) => claims)).toEqual([3, 3, 3, 3]);
      const note = newId();
      await notes.conveyor.carry([written(note, 1)]);
      await until('it is handled', async () => (await notes.effects(note)).length === 1);
    } finally {
      await worker.stop();
    }
  });
});
