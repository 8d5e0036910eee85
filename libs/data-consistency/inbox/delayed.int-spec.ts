import { Type, defineCommand, newId, type AnyContract, type Message } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { Idempotency } from '../idempotency/idempotency.js';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { InboxQueue } from './inbox-queue.js';
import { TAKE_TURN } from './inbox.js';

const Remind = defineCommand('notes.remind', 1, Type.Object({ note: Type.String(), n: Type.Integer() }), {
  key: 'note',
});

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterEach(() => notes.stopRoads());
afterAll(() => notes.drop());

/** A unit of work in a process whose clock is wrong by that much. */
const workOff = (byMs: number) =>
  new UnitOfWork({
    context: 'notes',
    database: notes.database,
    idempotency: new Idempotency(notes.database, 'notes'),
    committed: () => {},
    clock: () => new Date(Date.now() + byMs),
  });

describe('delayed messages', () => {
  it('take their places in the order they fall due, whatever the order they came in or are joined in', async () => {
    notes.road([recorder('any')], { start: false });
    const note = newId();
    const due = [...Array(40).keys()].map((n) => ({
      n,
      dueAt: new Date(Date.now() + 60_000 + ((n * 17) % 40) * 1_000),
    }));
    for (const { n, dueAt } of due) await notes.conveyor.carry([written(note, n, { dueAt })]);
    await notes.admin(`update notes.inbox set due_at = due_at - interval '1 day'`); // a day passes
    const database = notes.newDatabase(1);
    await database.read('set enable_nestloop = off'); // the plan that a large inbox may get
    const queue = new InboxQueue(database, 5_000);
    const { placed } = await queue.claim({ limit: 1, claim: newId(), after: '' });
    expect(placed).toBe(due.length);
    const rows = await notes.rows<{ n: number }>(
      `select (envelope->'data'->>'n')::int as n from inbox order by position`,
    );
    const inOrder = due.toSorted((a, b) => a.dueAt.getTime() - b.dueAt.getTime()).map(({ n }) => n);
    expect(rows.map(({ n }) => n)).toEqual(inOrder);
    await notes.admin('truncate notes.inbox');
  });

  it('take their places in that order with several workers, too: who waits for its turn keeps none from the one who has it', async () => {
    await notes.admin(`insert into notes.inbox (message_id, handler, type, source, envelope, lane, due_at)
                       select gen_random_uuid(), 'h', 't', 's', '{}', '/' || n, now() - interval '1 day' + interval '1 s' * n
                       from generate_series(1, 1200) n`);
    const [first, second] = [notes.newDatabase(1), notes.newDatabase(1)];
    const claim = (on: Database) => new InboxQueue(on, 5_000).claim({ limit: 1, claim: newId(), after: '' });
    await first.read('begin');
    await first.read(TAKE_TURN);
    const waiting = claim(second);
    const inTheQueue = `pg_locks where locktype = 'advisory' and not granted
      and database = (select oid from pg_database where datname = current_database())`;
    await until('the second waits for its turn', async () => (await notes.count(inTheQueue)) === 1);
    expect((await claim(first)).placed).toBe(1_000); // as many as one claim places
    await first.read('commit');
    expect((await waiting).placed).toBe(200);
    const [row] = await notes.rows(
      `select count(*) filter (where due_at < before) as "outOfOrder"
       from (select due_at, lag(due_at) over (order by position) as before from inbox) placed`,
    );
    expect(row).toEqual({ outOfOrder: 0 });
    await notes.admin('truncate notes.inbox');
  });

  it.each([
    ['an hour slow', -3_600_000],
    ['an hour fast', 3_600_000],
  ])('wait by the clock of the database when the process that sends them is %s', async (_, byMs) => {
    const note = newId();
    await workOff(byMs).run((tx) => tx.send(Remind, { note, n: 1 }, { afterMs: 90_000 }));
    const [row] = await notes.rows<{ seconds: number; envelope: Message }>(
      `select extract(epoch from (envelope->>'dueat')::timestamptz - recorded_at)::float8 as seconds, envelope
       from outbox where key = $1`,
      note,
    );
    expect(row!.seconds).toBeGreaterThan(89);
    expect(row!.seconds).toBeLessThan(91);
    expect(row!.envelope).toMatchObject({ subject: note, data: { note, n: 1 }, specversion: '1.0' });
  });

  it('are handled when their time has come, also when the clock of the process says they are long overdue', async () => {
    const note = newId();
    const road = notes.road([recorder('reminder', undefined, { contract: Remind as AnyContract })]);
    await workOff(-3_600_000).run((tx) => tx.send(Remind, { note, n: 1 }, { afterMs: 400 }));
    await until('it is handled', async () => (await notes.effects(note)).length === 1);
    const [row] = await notes.rows<{ ms: number }>(
      `select extract(epoch from i.done_at - o.recorded_at)::float8 * 1000 as ms
       from inbox i join outbox o on o.message_id = i.message_id where o.key = $1`,
      note,
    );
    expect(row!.ms).toBeGreaterThanOrEqual(399);
    expect(road.leads).toBe(true);
  });

  it.each([[{ afterMs: -1 }], [{ afterMs: NaN }], [{ afterMs: 1e15 }], [{ afterMs: 5, dueAt: new Date() }]])(
    'are refused when nobody can tell when they are due: %j',
    async (options) => {
      const sending = notes.work.run((tx) => tx.send(Remind, { note: newId(), n: 1 }, options));
      await expect(sending).rejects.toThrow(RangeError);
    },
  );
});
