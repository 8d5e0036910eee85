import { InProcessConveyor, newId } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { EventStore } from '../event-store/event-store.js';
import { defineStream } from '../event-store/stream.js';
import { ExplainingDatabase } from '../fixture/explaining-database.js';
import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { InboxQueue } from '../inbox/inbox-queue.js';
import { Relay } from '../outbox/relay.js';
import { SagaOperations } from '../saga/saga-operations.js';
import { Operations } from './operations.js';

let notes: NotesOnPostgres;
let database: ExplainingDatabase;

/** A month behind it, 50,000 messages behind one parked, 50,000 waiting for a retry, 20,000 delayed. */
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  const fill = (count: number, columns: string, values: string) =>
    notes.admin(`insert into notes.inbox (message_id, handler, type, source, envelope, lane, position ${columns})
                 select gen_random_uuid(), 'h', 't', 's', '{"subject":"k"}', ${values} from generate_series(1, ${count}) n`);
  await fill(100_000, ', done_at', `'/done-' || n % 999, n, now() - interval '1 day' * (n % 29)`);
  await fill(50_000, ', parked_at', `'/blocked', n, case when n = 1 then now() end`);
  await fill(50_000, ', next_attempt_at, attempts', `'/retry-' || n, n, now() + interval '1 h', 1`);
  await fill(20_000, ', due_at', `'/delayed-' || n, null::bigint, now() + interval '1 h'`);
  await notes.admin(`insert into notes.outbox (xid, message_id, type, key, envelope)
                     select n::text::xid8, gen_random_uuid(), 't', 'k', '{}' from generate_series(1, 200000) n`);
  await notes.admin(`update notes.relay_cursor set xid = '199990', position = 1000000`);
  await notes.admin(`insert into notes.event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
                     select case when n % 1000 = 0 then 'rare' else 'frequent' end, n::text, 1, gen_random_uuid(), 't', 1, '{}', '{}'
                     from generate_series(1, 100000) n`);
  await notes.admin(`insert into notes.saga (type, id, definition_version, status, step, state, asks, timer_id, version, updated_at)
                     select case when n % 4 = 0 then 'rare' else 'frequent' end, n::text, 1,
                            case when n <= 30 then 'running' when n % 5 = 0 then 'compensated' else 'completed' end,
                            1, '{}', 0, gen_random_uuid(), 1, now() - interval '1 s' * n from generate_series(1, 200000) n`);
  await notes.admin('vacuum analyze notes.saga');
  await notes.admin('vacuum analyze notes.inbox');
  await notes.admin('vacuum analyze notes.outbox');
  await notes.admin('vacuum analyze notes.event');
}, 60_000);
beforeEach(() => (database = new ExplainingDatabase(notes.database.pool)));
afterAll(() => notes.drop());

const sagas = (on: Database) => new SagaOperations({ context: 'notes', database: on, work: notes.work, runners: [] });
const queue = () => new InboxQueue(database, 10_000);

describe('with a long past and a long backlog', () => {
  it.each<[string, number, () => Promise<unknown>]>([
    [
      'claiming among blocked and retried lanes, in bounded steps',
      8_000,
      () => queue().claim({ limit: 8, claim: newId(), after: '' }),
    ],
    [
      'claiming past 50,000 messages behind a parked one',
      60,
      () => queue().claim({ limit: 8, claim: newId(), after: '/retry-99999' }),
    ],
    [
      'listing parked messages',
      20,
      () => new Operations('notes', database, () => {}).messages({ state: 'parked', limit: 20 }),
    ],
    [
      'listing messages in line',
      400,
      () => new Operations('notes', database, () => {}).messages({ state: 'waiting', limit: 20 }),
    ],
    [
      'listing delayed messages',
      60,
      () => new Operations('notes', database, () => {}).messages({ state: 'delayed', limit: 20 }),
    ],
    [
      'listing finished messages',
      60,
      () => new Operations('notes', database, () => {}).messages({ state: 'done', limit: 20 }),
    ],
    ['telling how much waits', 45_000, () => new Operations('notes', database, () => {}).backlog()],
    ['telling how many sagas there are in each state', 1_000, () => sagas(database).states()],
    ['listing the sagas of a rare state', 60, () => sagas(database).list({ limit: 20, status: 'compensating' })],
    ['listing the outbox', 60, () => new Operations('notes', database, () => {}).outbox(20)],
    [
      'reading the log of a rare stream',
      150,
      () =>
        new EventStore(database).readLog(defineStream('rare', { initial: 0, evolve: () => 0 }), {
          after: { xid: '0', position: 0 },
          limit: 100,
        }),
    ],
  ])('%s looks at no more than %i blocks', async (_, most, look) => {
    await look();
    expect(database.blocks).toBeGreaterThan(0);
    expect(database.blocks).toBeLessThanOrEqual(most);
  });

  it('the relay reads from its cursor on, not from the start', async () => {
    const relay = new Relay({
      context: 'notes',
      database,
      conveyor: new InProcessConveyor(),
      failed: (error) => notes.failures.push(String(error)),
    });
    const fetch = (relay as unknown as { read(cursor: object): Promise<unknown> }).read.bind(relay);
    await fetch({ xid: '199990', position: 0 });
    expect(database.blocks).toBeLessThanOrEqual(100); // half of them to plan it, the first time
  });

  it('finds the one message that is ready within a few steps', async () => {
    await notes.admin(`insert into notes.inbox (message_id, handler, type, source, envelope, lane, position)
                       values (gen_random_uuid(), 'h', 't', 's', '{}', '/zzz', 1)`);
    const real = new InboxQueue(notes.database, 10_000);
    let after = '';
    let found = 0;
    let steps = 0;
    do {
      const { messages, resumeAfter = '' } = await real.claim({ limit: 8, claim: newId(), after });
      found += messages.length;
      after = resumeAfter;
      steps += 1;
    } while (after !== '');
    expect([found, steps]).toEqual([1, 51]);
  });

  it('tells about how much waits without counting all of it', async () => {
    const told = await new Operations('notes', notes.database, () => {}).backlog();
    expect(told).toMatchObject({ outbox: 10, parked: 1, estimated: true });
    for (const [found, there] of [
      [told.inbox, 100_000],
      [told.delayed, 20_000],
    ] as const) {
      expect(found).toBeGreaterThan(there * 0.8);
      expect(found).toBeLessThan(there * 1.25);
    }
  });

  it('tells about how many sagas have ended, and how many are under way to the last one', async () => {
    const told = await sagas(notes.database).states();
    const count = (type: string, status: string) =>
      told.find((one) => one.type === type && one.status === status)!.count;
    expect([count('frequent', 'running'), count('rare', 'running'), told.length]).toEqual([23, 7, 6]);
    for (const [type, status, there] of [
      ['frequent', 'completed', 120_000],
      ['rare', 'completed', 40_000],
      ['frequent', 'compensated', 30_000],
      ['rare', 'compensated', 10_000],
    ] as const) {
      expect(count(type, status)).toBeGreaterThan(there * 0.8);
      expect(count(type, status)).toBeLessThan(there * 1.25);
    }
  });
});
