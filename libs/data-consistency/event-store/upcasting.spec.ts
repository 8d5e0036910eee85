import type { Database } from '../database/database.js';
import { EventStore, currentVersion } from './event-store.js';
import { defineStream, type Fact } from './stream.js';

const stream = defineStream<Fact, string[]>('note', {
  initial: [],
  evolve: (state, { data }) => [...state, JSON.stringify(data)],
  upcasters: {
    written: [({ text }) => ({ words: String(text) }), ({ words }) => ({ words, length: String(words).length })],
  },
});

/** A store over rows that were stored at some version of the code. */
function storeOf(...rows: { type?: string; schema_version: number; data: object }[]): EventStore {
  const read = async () =>
    rows.map((row, index) => ({
      stream_id: 'n',
      version: index + 1,
      type: 'written',
      metadata: {},
      recorded_at: new Date(0),
      xid: '1',
      position: index,
      ...row,
    }));
  return new EventStore({ read } as unknown as Database);
}

describe('upcasting', () => {
  it('lifts each fact from the version it was stored at', async () => {
    const store = storeOf(
      { schema_version: 1, data: { text: 'ab' } },
      { schema_version: 2, data: { words: 'abc' } },
      { schema_version: 3, data: { words: 'x', length: 1 } },
      { type: 'read', schema_version: 1, data: { by: 'b' } },
    );
    expect(await store.load(stream, 'n')).toEqual({
      state: ['{"words":"ab","length":2}', '{"words":"abc","length":3}', '{"words":"x","length":1}', '{"by":"b"}'],
      version: 4,
    });
  });

  it('stores at the version after the last step', () => {
    expect([currentVersion(stream, 'written'), currentVersion(stream, 'read')]).toEqual([3, 1]);
  });

  it('refuses to guess at what newer code has stored', async () => {
    await expect(storeOf({ schema_version: 4, data: {} }).load(stream, 'n')).rejects.toThrow(/newer than this code/);
  });

  it('starts from nothing', async () => expect(await storeOf().load(stream, 'n')).toEqual({ state: [], version: 0 }));
});
