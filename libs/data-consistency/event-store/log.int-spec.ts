import { newId } from '@holdfast/messaging';
import type { PoolClient } from 'pg';
import { Database } from '../database/database.js';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { EventStore, LOG_START, type LogPlace } from './event-store.js';
import { LogReader } from './log-reader.js';
import { defineStream } from './stream.js';

type Fact = { type: 'added'; data: { n: number } };
const stream = defineStream<Fact, number>('note', { initial: 0, evolve: (state) => state + 1 });
const other = defineStream<Fact, number>('other', { initial: 0, evolve: (state) => state + 1 });
const added = (n: number): Fact => ({ type: 'added', data: { n } });

const WRITERS = 16;
const EACH = 40;
const TOTAL = WRITERS * EACH;

let notes: NotesOnPostgres;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
});
afterAll(() => notes.drop());

type Entry = `${string}/${number}`;

/** Reads on from where it was; what it has read, as `stream id/version`. */
interface Reader {
  read: Entry[];
  readOn(): Promise<void>;
}

function gapSafe(database: Database): Reader {
  const reader = new LogReader({ events: new EventStore(database), stream, pageSize: 7 });
  const read: Entry[] = [];
  let place: LogPlace = LOG_START;
  const readOn = async () => {
    const { events: batch } = await reader.next(place);
    place = batch.at(-1) ?? place;
    read.push(...batch.map(({ streamId, version }): Entry => `${streamId}/${version}`));
  };
  return { read, readOn };
}

/** What people write first: as good as the order in which numbers and transaction ids are handed out is that of commits. */
function naive(database: Database, what: { place: string; from: string }): Reader {
  const read: Entry[] = [];
  let after: (string | number)[] = what.place === 'position' ? [0] : ['0', 0];
  const parameters = what.place === 'position' ? '$1::bigint' : '$1::xid8, $2::bigint';
  const readOn = async () => {
    const rows = await database.read<{ entry: Entry; xid: string; position: number }>(
      `select stream_id || '/' || version as entry, xid::text as xid, position from event
       where stream_type = 'note' and (${what.place}) > (${parameters}) order by ${what.from} limit 7`,
      after,
    );
    const last = rows.at(-1);
    if (last) after = what.place === 'position' ? [last.position] : [last.xid, last.position];
    read.push(...rows.map(({ entry }) => entry));
  };
  return { read, readOn };
}

/** A transaction that has its number and its place long before it commits. */
async function slowly(database: Database, id: string, version: number): Promise<void> {
  await database.transaction(async (client: PoolClient) => {
    await client.query(
      `insert into event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata)
       values ('note', $1, $2, gen_random_uuid(), 'added', 1, '{"n":1}', '{}')`,
      [id, version],
    );
    await client.query('select pg_sleep(0.015)');
  });
}

it(`of ${TOTAL} events by ${WRITERS} live writers, some slow, none is lost, doubled or out of order`, async () => {
  const database = notes.newDatabase(WRITERS + 2);
  const work = notes.workOn(database);
  const reader = gapSafe(notes.newDatabase(2));
  const byPosition = naive(notes.newDatabase(2), { place: 'position', from: 'event.position' });
  const byTransaction = naive(notes.newDatabase(2), { place: 'xid, position', from: 'event.xid, position' });
  const readers = [reader, byPosition, byTransaction];
  const ids = Array.from({ length: WRITERS }, () => newId());

  const write = async (id: string, writer: number) => {
    for (let version = 1; version <= EACH; version++) {
      const kind = (version + writer) % 4;
      if (kind === 0) await slowly(database, id, version);
      else
        await work.run(async (tx) => {
          if (kind === 1) {
            await tx.lock('select pg_current_xact_id()'); // an early id, a late position
            await tx.read('select pg_sleep(0.005)');
          }
          tx.append(stream, id, version - 1, [added(version)]);
          tx.append(other, `${id}-${version}`, 0, [added(version)]);
        });
    }
  };
  const state = { writing: true };
  const writing = Promise.all(ids.map(write)).finally(() => (state.writing = false));
  const reading = readers.map(async ({ readOn }) => {
    while (state.writing) await readOn();
  });
  await Promise.all([writing, ...reading]);
  await until('everything is read', async () => (await reader.readOn(), reader.read.length >= TOTAL));
  await reader.readOn();
  for (let turn = 0; turn < TOTAL; turn++) await Promise.all([byPosition.readOn(), byTransaction.readOn()]);

  const expected = ids.flatMap((id) => Array.from({ length: EACH }, (_, n): Entry => `${id}/${n + 1}`));
  const lost = (read: Entry[]) => expected.filter((entry) => !read.includes(entry)).length;
  const doubled = (read: Entry[]) => read.length - new Set(read).size;
  expect({ lost: lost(reader.read), doubled: doubled(reader.read) }).toEqual({ lost: 0, doubled: 0 });
  for (const id of ids) {
    const versions = reader.read.filter((entry) => entry.startsWith(id)).map((entry) => Number(entry.split('/')[1]));
    expect(versions).toEqual(Array.from({ length: EACH }, (_, n) => n + 1));
  }
  // The same traffic, so that the test is known to have teeth: both halves of the place and the horizon are needed.
  expect(lost(byPosition.read)).toBeGreaterThan(0);
  expect(lost(byTransaction.read)).toBeGreaterThan(0);
}, 60_000);

it('a log reader keeps one page ahead, and gives no page that has grown old', async () => {
  const id = newId();
  const third = defineStream<Fact, number>(`third-${id}`, { initial: 0, evolve: (state) => state + 1 });
  const events = new EventStore(notes.database);
  const everything = () => events.readLog(third, { after: LOG_START, limit: 10 });
  /** Until the log shows them: a transaction that anybody on this server has open holds its horizon back. */
  const append = async (from: number, count: number) => {
    await notes.work.run((tx) =>
      tx.append(
        third,
        id,
        from,
        Array.from({ length: count }, () => added(1)),
      ),
    );
    await until('the log shows them', async () => (await everything()).events.length === from + count);
  };
  await append(0, 5);
  const reader = new LogReader({ events: new EventStore(notes.newDatabase(2)), stream: third, pageSize: 2 });
  const versions = async (after: LogPlace) => {
    const { events } = await reader.next(after);
    return { versions: events.map(({ version }) => version), last: events.at(-1)! };
  };
  const one = await versions(LOG_START);
  const two = await versions(one.last);
  expect([one.versions, two.versions]).toEqual([
    [1, 2],
    [3, 4],
  ]);
  await append(5, 1); // after the page with 5 alone was asked for
  expect((await versions(two.last)).versions).toEqual([5, 6]);
  expect((await versions(LOG_START)).versions).toEqual([1, 2]);
  await reader.stop();
  const [first] = (await everything()).events;
  const [same] = await events.read(third, id);
  expect(first!.recordedAt).toEqual(same!.recordedAt);
  expect([first!.fact, first!.correlationId]).toEqual([same!.fact, same!.correlationId]);
});

it('beside an open transaction one event is fetched that is not settled, however many there are', async () => {
  const id = newId();
  const fourth = defineStream<Fact, number>(`fourth-${id}`, { initial: 0, evolve: (state) => state + 1 });
  const fetched: number[] = [];
  const counting = new (class extends Database {
    override async readTexts(...[text, values]: Parameters<Database['readTexts']>): Promise<string[][]> {
      const rows = await super.readTexts(text, values);
      fetched.push(rows.length);
      return rows;
    }
  })(notes.database.pool);
  const read = () => new EventStore(counting).readLog(fourth, { after: LOG_START, limit: 30 });
  const append = (from: number) =>
    notes.work.run((tx) =>
      tx.append(
        fourth,
        id,
        from,
        Array.from({ length: 20 }, () => added(1)),
      ),
    );
  await append(0);
  await until('they are settled', async () => (await read()).settled);
  const open = await notes.database.pool.connect();
  await open.query('begin');
  await open.query('select pg_current_xact_id()');
  await append(20);
  fetched.length = 0;
  const { events, settled } = await read();
  expect({ events: events.length, settled, fetched }).toEqual({ events: 20, settled: false, fetched: [21] });
  await open.query('commit');
  open.release();
  await until('all are settled', async () => (await read()).events.length === 30);
});
