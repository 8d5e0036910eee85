import { newId, type Conveyor, type LastCarried, type Message, type Place } from '@holdfast/messaging';
import { Idempotency } from '../idempotency/idempotency.js';
import { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import { NoteWritten, NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { Relay } from './relay.js';

class Notebook implements Conveyor {
  readonly carried: Message[] = [];
  failing = false;

  constructor(readonly name = 'notebook') {}

  connect(): void {}

  async lastCarried(_source: string, _doubt: () => void): Promise<LastCarried | 'nothing' | undefined> {
    return undefined;
  }

  async carry(batch: readonly Message[], _places?: readonly Place[]): Promise<void> {
    if (this.failing) throw new Error('the bridge is up');
    this.carried.push(...batch);
  }

  numbers(note: string): number[] {
    return this.carried.filter(({ subject }) => subject === note).map(({ data }) => (data as { n: number }).n);
  }
}

/** Keeps what it carried with its place, and may forget the end of it. */
class Keeper extends Notebook {
  private readonly places: Place[] = [];
  private doubt = () => {};

  override async carry(batch: readonly Message[], places: readonly Place[]): Promise<void> {
    await super.carry(batch);
    this.places.push(...places);
  }

  override async lastCarried(_source: string, doubt: () => void): Promise<LastCarried | 'nothing'> {
    this.doubt = doubt;
    const [message, place] = [this.carried.at(-1), this.places.at(-1)];
    return message && place ? { messageId: message.id, place } : 'nothing';
  }

  forget(count: number): void {
    this.carried.splice(-count);
    this.places.splice(-count);
    this.doubt();
  }
}

let notes: NotesOnPostgres;
const relays: Relay[] = [];
beforeEach(async () => void (notes = await NotesOnPostgres.create()));
afterEach(async () => {
  await Promise.all(relays.splice(0).map((relay) => relay.stepDown()));
  await notes.drop();
});

function relay(conveyor: Conveyor, failures: unknown[] = [], batchSize = 50): Relay {
  const made = new Relay({
    context: 'notes',
    database: notes.newDatabase(),
    conveyor,
    failed: (error) => failures.push(error),
    batchSize,
    pollMs: 20,
  });
  relays.push(made);
  return made;
}

async function elect(epoch: number): Promise<number> {
  await notes.rows(`insert into leadership values ('notes', $1) on conflict (name) do update set epoch = $1`, epoch);
  return epoch;
}

const write = (note: string, n: number) => notes.work.run((tx) => tx.emit(NoteWritten, { note, n }));
const isCarried = async () => {
  const left = 'outbox o, relay_cursor c where (o.xid, o.position) > (c.xid, c.position)';
  return (await notes.count(left)) === 0;
};
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the relay', () => {
  it('loses nothing, doubles nothing and keeps each key in order under 16 writers with long transactions among them', async () => {
    const notebook = new Notebook();
    relay(notebook).lead(await elect(1));
    const keys = oneTo(16).map(() => newId());
    const database = notes.newDatabase(20);
    const work = notes.workOn(database);
    await Promise.all(
      keys.map(async (note) => {
        for (const n of oneTo(40)) {
          await work.run(async (tx) => {
            if (n % 4 === 0) {
              await tx.lock('select pg_current_xact_id()'); // a transaction id of now, a commit of later
              for (const _ of oneTo(n % 8)) await tx.read('select pg_sleep(0.003)');
            }
            tx.emit(NoteWritten, { note, n });
          });
        }
      }),
    );
    await until('everything is carried', () => notebook.carried.length >= 640);
    for (const note of keys) expect(notebook.numbers(note)).toEqual(oneTo(40));
    expect(new Set(notebook.carried.map(({ id }) => id)).size).toBe(640);
  });

  it('holds back what an older transaction might still overtake', async () => {
    const notebook = new Notebook();
    relay(notebook).lead(await elect(1));
    await notes.work.run(async (tx) => {
      await tx.lock('select pg_current_xact_id()');
      await write('young', 1);
      await until(
        'the relay has looked',
        async () =>
          (
            await notes.admin(
              `select from pg_stat_activity where query like '%below_horizon%from road_letters%' and state = 'idle' and query_start > now()`.replace(
                'now()',
                `clock_timestamp() - interval '30 ms'`,
              ),
            )
          ).length > 0,
      );
      expect(notebook.carried).toEqual([]);
      tx.emit(NoteWritten, { note: 'old', n: 0 });
    });
    await until('both are carried', () => notebook.carried.length === 2);
    expect(notebook.carried.map(({ subject }) => subject)).toEqual(['old', 'young']);
  });

  it('carries again what could not be carried', async () => {
    const notebook = new Notebook();
    const failures: unknown[] = [];
    notebook.failing = true;
    relay(notebook, failures).lead(await elect(1));
    await write('a', 1);
    await write('a', 2);
    await until('it failed twice', () => failures.length >= 2);
    notebook.failing = false;
    await until('both are carried', () => notebook.carried.length === 2);
    expect(notebook.numbers('a')).toEqual([1, 2]);
  });

  it('goes on from its cursor after a restart, over many batches', async () => {
    const [before, after] = [new Notebook(), new Notebook()];
    for (const n of oneTo(20)) await write('a', n);
    const first = relay(before, [], 3);
    first.lead(await elect(1));
    await until('all are carried', () => before.carried.length === 20);
    await first.stepDown();
    for (const n of oneTo(5)) await write('b', n);
    relay(after, [], 3).lead(await elect(2));
    await until('the rest is carried', () => after.carried.length === 5);
    expect([before.numbers('a'), after.numbers('b'), after.carried.length]).toEqual([oneTo(20), oneTo(5), 5]);
  });

  it('does not move the cursor any more when another leader was elected', async () => {
    const notebook = new Notebook();
    const failures: unknown[] = [];
    relay(notebook, failures).lead(await elect(1));
    await write('a', 1);
    await until('the first is carried', async () => (await notes.count('relay_cursor where position > 0')) === 1);
    const cursor = await notes.rows('select xid::text, position from relay_cursor');
    await elect(2);
    await write('a', 2);
    await until('it is refused', () => failures.length > 0);
    expect(String(failures[0])).toContain('no longer leads');
    expect(await notes.rows('select xid::text, position from relay_cursor')).toEqual(cursor);
  });

  it('asks a conveyor that keeps messages what it last has, again at every doubt, and gives it the rest', async () => {
    const keeper = new Keeper();
    for (const n of oneTo(6)) await write('a', n);
    relay(keeper, [], 4).lead(await elect(1));
    await until('the cursor is at the end', () => isCarried());
    keeper.forget(4);
    await until('the rest is there again', () => keeper.carried.length === 6);
    expect(keeper.numbers('a')).toEqual(oneTo(6));
    await until('the cursor is at the end', () => isCarried());
    keeper.forget(6);
    await until('all is there again', () => keeper.carried.length === 6);
    expect(keeper.numbers('a')).toEqual(oneTo(6));
    await until('the cursor is at the end', () => isCarried());
  });

  it('gives nothing more to a conveyor that forgot, once another leader was elected', async () => {
    const keeper = new Keeper();
    const failures: unknown[] = [];
    await write('a', 1);
    relay(keeper, failures).lead(await elect(1));
    await until('it is carried', () => isCarried());
    await elect(2);
    keeper.forget(1);
    await until('it is refused', () => failures.length > 0);
    expect(String(failures[0])).toContain('no longer leads');
    expect(keeper.carried).toEqual([]);
  });

  it('carries everything again by another kind of conveyor, which may not have delivered it', async () => {
    const [first, second] = [new Notebook(), new Notebook('another')];
    for (const n of oneTo(5)) await write('a', n);
    const before = relay(first);
    before.lead(await elect(1));
    await until('all are carried', () => isCarried());
    await before.stepDown();
    relay(second).lead(await elect(2));
    await until('all are carried again', () => second.carried.length === 5);
    expect(second.numbers('a')).toEqual(oneTo(5));
  });

  it('is woken by a commit of its own process', async () => {
    const notebook = new Notebook();
    const made = new Relay({
      context: 'notes',
      database: notes.database,
      conveyor: notebook,
      failed: () => {},
      pollMs: 3_600_000,
    });
    relays.push(made);
    made.lead(await elect(1));
    const work = notes.workOn(notes.database, () => made.wake());
    for (const n of oneTo(30)) await work.run((tx) => tx.emit(NoteWritten, { note: 'a', n }));
    await until('all are carried', () => notebook.carried.length === 30);
  });

  it('sees what was committed by a look sent behind the commit, and misses nothing that others commit meanwhile', async () => {
    const notebook = new Notebook();
    const database = notes.newDatabase();
    const read = database.read.bind(database);
    let reads = 0;
    database.read = (text, values) => {
      if (text.includes('road_letters')) reads += 1;
      return read(text, values);
    };
    const failed = (error: unknown) => notes.failures.push(String(error));
    const made = new Relay({ context: 'notes', database, conveyor: notebook, failed, pollMs: 3_600_000 });
    relays.push(made);
    const work = new UnitOfWork({
      context: 'notes',
      database,
      idempotency: new Idempotency(database, 'notes'),
      committed: ({ xid }) => made.wake(xid),
      behindMessages: () => made.look(),
    });
    made.lead(await elect(1));
    const tell = (n: number) => work.run((tx) => tx.emit(NoteWritten, { note: 'a', n }));
    await until('it rests', () => made.look() !== undefined);
    let withoutReading = 0; // nearly all, unless another test's transaction holds the horizon back just then
    for (const n of oneTo(20)) {
      const before = reads;
      await tell(n);
      await until(
        'it is carried, and the relay rests',
        () => notebook.carried.length === n && made.look() !== undefined,
      );
      if (reads === before) withoutReading += 1;
    }
    expect(withoutReading).toBeGreaterThan(0);
    await Promise.all(oneTo(200).map((n) => pauseTurns(n % 7).then(() => tell(20 + n))));
    await until('all are carried', () => notebook.carried.length === 220);
    expect(new Set(notebook.carried.map(({ id }) => id)).size).toBe(220);
    expect(notes.failures).toEqual([]);
  });
});

async function pauseTurns(count: number): Promise<void> {
  for (const _ of oneTo(count)) await new Promise(setImmediate);
}

it('the app role cannot rewrite what was said, nor through a partition', async () => {
  await write('a', 1);
  const [{ partition }] = (await notes.rows<{ partition: string }>(
    'select tableoid::regclass::text as partition from outbox',
  )) as [{ partition: string }];
  for (const table of ['outbox', partition, 'event', 'saga_timeline']) {
    await expect(notes.rows(`delete from ${table}`)).rejects.toMatchObject({ code: '42501' });
  }
});
