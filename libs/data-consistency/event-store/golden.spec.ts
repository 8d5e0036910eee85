import { createHash } from 'node:crypto';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { goldenFaults } from './golden.js';
import { defineStream } from './stream.js';

// A note once had a text, then words, and counts them since: three versions of `written`. `read` never changed.
type Fact = { type: 'written'; data: { words: string; length: number } } | { type: 'read'; data: { by: string } };
interface Note {
  length: number;
  readers: string[];
}
const declaration = {
  initial: { length: 0, readers: [] } as Note,
  evolve: (note: Note, { type, data }: Fact): Note =>
    type === 'written' ? { ...note, length: data.length } : { ...note, readers: [...note.readers, data.by] },
  upcasters: {
    written: [
      ({ text }: Record<string, unknown>) => ({ words: String(text) }),
      ({ words }: Record<string, unknown>) => ({ words, length: String(words).length }),
    ],
  },
};
const stream = defineStream<Fact, Note>('note', declaration);
const today = { written: { words: 'abc', length: 3 }, read: { by: 'ada' } };

const golden: Record<string, object> = {
  'written.v1.json': { data: { text: 'abc' }, state: { length: 3, readers: [] } },
  'written.v2.json': { data: { words: 'abc' }, state: { length: 3, readers: [] } },
  'written.v3.json': { data: { words: 'abc', length: 3 }, state: { length: 3, readers: [] } },
  'read.v1.json': { after: ['written'], data: { by: 'ada' }, state: { length: 3, readers: ['ada'] } },
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'golden-'));
  for (const [name, event] of Object.entries(golden)) writeFileSync(join(folder, name), JSON.stringify(event));
  sum(golden);
});
afterEach(() => rmSync(folder, { recursive: true }));

function sum(files: Record<string, object>): void {
  const lines = Object.entries(files).map(
    ([name, event]) => `${createHash('sha256').update(JSON.stringify(event)).digest('hex')}  ${name}\n`,
  );
  writeFileSync(join(folder, 'SHA256SUMS'), lines.join(''));
}

type Declared = Parameters<typeof defineStream<Fact, Note>>[1];
const faults = (of: Partial<Declared> = {}, samples: typeof today = today) =>
  goldenFaults(defineStream<Fact, Note>('note', { ...declaration, ...of }), { folder, today: samples });

describe('golden events', () => {
  it('of every version of every fact are read as they were meant', () =>
    expect(goldenFaults(stream, { folder, today })).toEqual([]));

  it('must be there for the version that is written today', () => {
    const upcasters = { written: [...declaration.upcasters.written, (data: Record<string, unknown>) => data] };
    expect(faults({ upcasters })).toEqual(['written.v4.json is missing']);
  });

  it('must be there for every fact type', () => {
    const more = { ...today, burnt: { at: 'noon' } };
    expect(faults({}, more)).toEqual(['burnt.v1.json is missing']);
  });

  it('show that data changed without a new version', () =>
    expect(faults({}, { ...today, read: { by: 'ada', where: 'home' } as { by: string } })).toEqual([
      'read.v1.json is read as {"by":"ada"}',
    ]));

  it('show that an upcaster changed or is gone', () => {
    const upcasters = {
      written: [declaration.upcasters.written[0]!, ({ words }: Record<string, unknown>) => ({ words, length: 0 })],
    };
    expect(faults({ upcasters }).filter((fault) => fault.startsWith('written.v1'))).toEqual([
      'written.v1.json is read as {"words":"abc","length":0}',
      'written.v1.json now means {"length":0,"readers":[]}',
    ]);
    expect(faults({ upcasters: {} })).toContainEqual(
      expect.stringMatching(/^written.v3.json cannot be read: .*newer than this code/),
    );
  });

  it('show that a fact came to mean something else', () =>
    expect(faults({ evolve: (note) => note })).toContain('read.v1.json now means {"length":0,"readers":[]}'));

  describe('of a stream with snapshots', () => {
    const snapshots = { snapshotEvery: 10, snapshotVersion: 1 };
    const note = (version: number) => {
      const missing = faults({ ...snapshots, snapshotVersion: version });
      const lines = missing.map((fault) => /^SNAPSHOTS has no line "(.+)"$/.exec(fault)![1]!);
      appendFileSync(join(folder, 'SNAPSHOTS'), `${lines.join('\n')}\n`);
      return lines;
    };

    it('are noted with what they are folded to', () => {
      expect(note(1)).toHaveLength(4);
      expect(faults(snapshots)).toEqual([]);
    });

    it('show a fold that changed under the same snapshot version, also when the golden events were changed to match', () => {
      note(1);
      const evolve = (so: Note, fact: Fact): Note => ({ ...declaration.evolve(so, fact), length: so.length + 1 });
      const matching = Object.fromEntries(
        Object.entries(golden).map(([name, event]) => [
          name,
          { ...event, state: { ...(event as { state: Note }).state, length: name.startsWith('read') ? 2 : 1 } },
        ]),
      );
      for (const [name, event] of Object.entries(matching)) writeFileSync(join(folder, name), JSON.stringify(event));
      sum(matching);
      expect(goldenFaults(defineStream<Fact, Note>('note', { ...declaration, evolve }), { folder, today })).toEqual([]);
      const changed = goldenFaults(defineStream<Fact, Note>('note', { ...declaration, ...snapshots, evolve }), {
        folder,
        today,
      });
      expect(changed).toContain(
        'read.v1.json is folded to another state than snapshots of v1 hold: count snapshotVersion up',
      );
      expect(changed).toHaveLength(4);
    });
  });

  it('are not edited, lost or made up', () => {
    writeFileSync(join(folder, 'read.v1.json'), JSON.stringify({ ...golden['read.v1.json'], state: {} }));
    expect(faults()).toContain('read.v1.json is not as SHA256SUMS has it');
    rmSync(join(folder, 'read.v1.json'));
    expect(faults()).toEqual(['read.v1.json is missing', 'read.v1.json is gone']);
    writeFileSync(join(folder, 'sung.v1.json'), JSON.stringify({ data: {}, state: {} }));
    expect(faults()).toContain('sung is no fact type');
  });
});
