import { defineStream } from './stream.js';

const base = { initial: 0, evolve: (count: number) => count + 1 };

describe('a stream', () => {
  it('has no snapshots unless it says so', () => expect(defineStream('note', base).snapshots).toBeUndefined());

  it('says after how many facts, and of which version', () =>
    expect(defineStream('note', { ...base, snapshotEvery: 100, snapshotVersion: 3 }).snapshots).toMatchObject({
      every: 100,
      version: 3,
    }));

  it.each([
    { snapshotEvery: 10 },
    { snapshotEvery: 0, snapshotVersion: 1 },
    { snapshotEvery: 1.5, snapshotVersion: 1 },
    { snapshotEvery: 10, snapshotVersion: -1 },
  ])('refuses %j', (odd) => expect(() => defineStream('note', { ...base, ...odd })).toThrow(/whole numbers above 0/));
});
