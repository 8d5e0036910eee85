import { newId } from '@holdfast/messaging';
import { ConcurrencyError } from '../database/errors.js';
import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { EventStore } from './event-store.js';
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

  it('can be asked how things stood at a moment, to the millisecond as it is shown', async () => {
    const id = newId();
    for (const n of oneTo(3)) await append(id, n - 1, added(n));
    const at = (version: number, moment: string) =>
      notes.admin(`update notes.event set recorded_at = $3 where stream_id = $1 and version = $2`, id, version, moment);
    await at(1, '2026-01-01T00:00:00.100999Z');
    await at(2, '2026-01-01T00:00:00.101000Z');
    await at(3, '2026-01-01T00:00:00.101900Z');
    const shown = (await events.read(stream, id)).map(({ recordedAt }) => recordedAt.toISOString().slice(-5));
    expect(shown).toEqual(['.100Z', '.101Z', '.101Z'].map((text) => text.slice(-5)));
    const asOf = async (ms: string) => (await events.load(stream, id, new Date(`2026-01-01T00:00:00.${ms}Z`))).state;
    expect(await Promise.all(['099', '100', '101'].map(asOf))).toEqual([[], [1], [1, 2, 3]]);
    expect(await events.read(stream, id, new Date('2026-01-01T00:00:00.100Z'))).toHaveLength(1);
  });

  it('has no hole at any moment, though the clock was set back meanwhile', async () => {
    const id = newId();
    for (const n of oneTo(3)) await append(id, n - 1, added(n));
    await notes.admin(
      `update notes.event set recorded_at = recorded_at + interval '1 h' where stream_id = $1 and version = 2`,
      id,
    );
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    expect((await events.load(stream, id, later(1))).state).toEqual([1]);
    expect((await events.load(stream, id, later(61))).state).toEqual([1, 2, 3]);
  });
});
