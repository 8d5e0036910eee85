import { newId } from '@holdfast/messaging';
import { ConcurrencyError } from '../database/errors.js';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { EventStore, LOG_START, type LogPlace, type StoredEvent } from './event-store.js';
import { defineStream } from './stream.js';

type Fact = { type: 'added'; data: { n: number } };
const stream = defineStream<Fact, number[]>('note', { initial: [], evolve: (state, { data }) => [...state, data.n] });
const other = defineStream<Fact, number>('other', { initial: 0, evolve: (state) => state + 1 });
const added = (n: number): Fact => ({ type: 'added', data: { n } });

let notes: NotesOnPostgres;
let events: EventStore;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  events = new EventStore(notes.database);
});
afterAll(() => notes.drop());

const append = (id: string, expected: number, ...facts: Fact[]) =>
  notes.work.run((tx) => tx.append(stream, id, expected, facts));
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the event store', () => {
  it('keeps the facts of a stream in order', async () => {
    const id = newId();
    await append(id, 0, added(1), added(2));
    await notes.work.run((tx) => {
      tx.append(stream, id, 2, [added(3)]);
      tx.append(stream, id, 3, [added(4)]);
    });
    expect(await events.load(stream, id)).toEqual({ state: [1, 2, 3, 4], version: 4 });
    expect(await events.load(other, id)).toEqual({ state: 0, version: 0 });
  });

  it.each([0, 1, 3, 7])('refuses facts that expect version %i of a stream at version 2', async (expected) => {
    const id = newId();
    await append(id, 0, added(1), added(2));
    await expect(append(id, expected, added(9))).rejects.toThrow(ConcurrencyError);
    expect(await events.load(stream, id)).toEqual({ state: [1, 2], version: 2 });
  });

  it('lets exactly one of many writers of one version win', async () => {
    const id = newId();
    const tried = await Promise.allSettled(oneTo(10).map((n) => append(id, 0, added(n))));
    expect(tried.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect((await events.load(stream, id)).version).toBe(1);
  });

  it('can be asked how things stood at a moment', async () => {
    const id = newId();
    await append(id, 0, added(1));
    const [first] = await events.read(stream, id);
    await append(id, 1, added(2));
    const between = new Date(first!.recordedAt.getTime() + 1);
    const [second] = (await events.read(stream, id)).slice(1);
    const expected = second!.recordedAt <= between ? [1, 2] : [1];
    expect((await events.load(stream, id, between)).state).toEqual(expected);
    expect((await events.load(stream, id, new Date(first!.recordedAt.getTime() - 1))).state).toEqual([]);
  });
});

it('the log is read without a gap, in order, while 12 writers append and some are slow', async () => {
  const ids = oneTo(12).map(() => `log-${newId()}`);
  const work = notes.workOn(notes.newDatabase(14));
  const read: StoredEvent<Fact>[] = [];
  let place: LogPlace = LOG_START;
  const readOn = async () => {
    const { events: batch } = await events.readLog(stream, { after: place, limit: 7 });
    place = batch.at(-1) ?? place;
    read.push(...batch.filter(({ streamId }) => streamId.startsWith('log-')));
  };
  const writing = Promise.all(
    ids.map(async (id, writer) => {
      for (const n of oneTo(25)) {
        await work.run(async (tx) => {
          if ((n + writer) % 5 === 0) {
            await tx.lock('select pg_current_xact_id()');
            await tx.read('select pg_sleep(0.004)');
          }
          tx.append(stream, id, n - 1, [added(n)]);
          tx.append(other, id, n - 1, [added(n)]);
        });
      }
    }),
  );
  await until('all events are read', async () => (await readOn(), read.length >= 300));
  await writing;
  await readOn();
  expect(read).toHaveLength(300);
  for (const id of ids)
    expect(read.filter(({ streamId }) => streamId === id).map(({ version }) => version)).toEqual(oneTo(25));
});
