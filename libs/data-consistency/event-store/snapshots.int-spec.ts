import { newId } from '@holdfast/messaging';
import type { QueryResultRow } from 'pg';
import { Database } from '../database/database.js';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import { EventStore } from './event-store.js';
import { defineStream } from './stream.js';

type Fact = { type: 'added'; data: { n: number } };
type Sum = { sum: number; count: number };
const declaration = {
  initial: { sum: 0, count: 0 },
  evolve: ({ sum, count }: Sum, { data }: Fact): Sum => ({ sum: sum + data.n, count: count + 1 }),
};
const stream = defineStream<Fact, Sum>('note', { ...declaration, snapshotEvery: 5, snapshotVersion: 2 });
const plain = defineStream<Fact, Sum>('note', declaration);
const added = (n: number): Fact => ({ type: 'added', data: { n } });

class Counting extends Database {
  trips: string[] = [];
  override read<Row extends QueryResultRow>(text: string, values?: readonly unknown[]): Promise<Row[]> {
    this.trips.push(text.trim().split(' ')[0]!);
    return super.read(text, values);
  }
}

let notes: NotesOnPostgres;
let database: Counting;
let events: EventStore;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
});
beforeEach(() => {
  database = new Counting(notes.database.pool);
  events = new EventStore(database);
});
afterAll(() => notes.drop());

const append = (id: string, expected: number, ...facts: Fact[]) =>
  notes.work.run((tx) => tx.append(stream, id, expected, facts));
const append1To = async (id: string, count: number) =>
  append(id, 0, ...Array.from({ length: count }, (_, index) => added(index + 1)));
const snapshotOf = async (id: string) =>
  (
    await notes.rows<{ version: number; state: Sum }>(`select version, state from snapshot where stream_id = $1`, id)
  )[0];
const snapshotAt = (id: string, version: number) =>
  until(`a snapshot at ${version}`, async () => (await snapshotOf(id))?.version === version);
const spoil = (id: string, state: string, more = '') =>
  notes.rows(`update snapshot set state = $2 ${more} where stream_id = $1`, id, state);

describe('snapshots', () => {
  it('are left behind by a load that folded enough facts, and used by the next one, in one round trip', async () => {
    const id = newId();
    await append1To(id, 4);
    await events.load(stream, id);
    expect(database.trips).toEqual(['with']);
    await append(id, 4, added(5), added(6));
    expect(await events.load(stream, id)).toEqual({ state: { sum: 21, count: 6 }, version: 6 });
    await snapshotAt(id, 6);
    await spoil(id, '{"sum":1000,"count":6}'); // so that it shows where the fold began
    await append(id, 6, added(7));
    database.trips = [];
    expect(await events.load(stream, id)).toEqual({ state: { sum: 1007, count: 7 }, version: 7 });
    expect(database.trips).toEqual(['with']);
  });

  it('are not looked at by code of another snapshot version, before or after', async () => {
    const id = newId();
    await append1To(id, 5);
    await events.load(stream, id);
    await snapshotAt(id, 5);
    await spoil(id, '{"sum":-1,"count":-1}');
    for (const snapshotVersion of [1, 3]) {
      const other = defineStream<Fact, Sum>('note', { ...declaration, snapshotEvery: 100, snapshotVersion });
      expect(await events.load(other, id)).toEqual({ state: { sum: 15, count: 5 }, version: 5 });
    }
    expect(await events.load(plain, id)).toEqual({ state: { sum: 15, count: 5 }, version: 5 });
  });

  it('that cannot be read are passed over, and written anew', async () => {
    const id = newId();
    const careful = defineStream<Fact, Sum>('note', {
      ...declaration,
      snapshotEvery: 5,
      snapshotVersion: 2,
      restoreSnapshot: (json) => {
        if (typeof (json as Sum | null)?.sum !== 'number') throw new TypeError('not a sum');
        return json as Sum;
      },
    });
    await append1To(id, 5);
    await events.load(careful, id);
    await snapshotAt(id, 5);
    for (const rubbish of ['null', '"x"', '{"sum":"1"}', '[]']) {
      await spoil(id, rubbish, ', version = 3');
      expect(await events.load(careful, id)).toEqual({ state: { sum: 15, count: 5 }, version: 5 });
      await snapshotAt(id, 5);
    }
    expect((await snapshotOf(id))!.state).toEqual({ sum: 15, count: 5 });
  });

  it('never know more than the moment that is asked about', async () => {
    const id = newId();
    await append1To(id, 3);
    await notes.admin(`update notes.event set recorded_at = recorded_at - interval '1 hour' where stream_id = '${id}'`);
    await append(id, 3, added(4), added(5), added(6));
    await events.load(stream, id);
    await snapshotAt(id, 6);
    const minutesAgo = (minutes: number) => new Date(Date.now() - minutes * 60_000);
    expect(await events.load(stream, id, minutesAgo(30))).toEqual({ state: { sum: 6, count: 3 }, version: 3 });
    expect(await events.load(stream, id, minutesAgo(90))).toEqual({ state: { sum: 0, count: 0 }, version: 0 });
    await spoil(id, '{"sum":500,"count":6}');
    expect((await events.load(stream, id, new Date(Date.now() + 1_000))).state.sum).toBe(500); // one that fits is used
  });

  it('are never taken of a state that JSON would change', async () => {
    const id = newId();
    const dated = defineStream<Fact, { at: Date }>('note', {
      initial: { at: new Date(0) },
      evolve: (_, { data }) => ({ at: new Date(data.n) }),
      snapshotEvery: 1,
      snapshotVersion: 9,
    });
    await append1To(id, 5);
    await events.load(dated, id);
    await events.load(stream, id);
    await snapshotAt(id, 5);
    expect(await notes.count(`snapshot where stream_id = '${id}'`)).toBe(1);
  });

  it('are not taken of a state that JSON refuses, and loads go on as they did', async () => {
    const evolve = (sum: bigint, { data }: Fact) => sum + BigInt(data.n);
    const large = defineStream<Fact, bigint>('note', { initial: 0n, evolve, snapshotEvery: 5, snapshotVersion: 3 });
    const id = newId();
    await append1To(id, 5);
    expect(await events.load(large, id)).toEqual({ state: 15n, version: 5 });
    expect(await snapshotOf(id)).toBeUndefined();
  });
});

it('a load is right and complete while others append and take snapshots, also from a stale one', async () => {
  const ids = Array.from({ length: 4 }, () => newId());
  const eager = defineStream<Fact, Sum>('note', { ...declaration, snapshotEvery: 2, snapshotVersion: 7 });
  const writing = { left: ids.length };
  const writers = ids.map(async (id) => {
    for (let version = 0; version < 60; version++) await append(id, version, added(version + 1));
    writing.left -= 1;
  });
  const wrong: unknown[] = [];
  let loads = 0;
  const readers = Array.from({ length: 8 }, async (_, reader) => {
    const seen = new Map<string, number>();
    while (writing.left > 0) {
      const id = ids[(reader + loads++) % ids.length]!;
      const { state, version } = await events.load(eager, id);
      const right = state.count === version && state.sum === (version * (version + 1)) / 2;
      if (!right || version < (seen.get(id) ?? 0)) wrong.push({ state, version });
      seen.set(id, version);
      // Somebody slow writes an old snapshot over a new one: it may cost time, never the truth.
      if (loads % 10 === 0) await spoil(id, '{"sum":3,"count":2}', ', version = 2');
    }
  });
  await Promise.all([...writers, ...readers]);
  expect(wrong).toEqual([]);
  expect(loads).toBeGreaterThan(100);
  expect(await notes.count(`snapshot where snapshot_version = 7`)).toBe(ids.length);
  for (const id of ids) expect(await events.load(eager, id)).toEqual({ state: { sum: 1830, count: 60 }, version: 60 });
});
