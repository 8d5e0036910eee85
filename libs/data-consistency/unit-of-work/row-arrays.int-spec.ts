import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { defineWrite } from './write.js';

const TYPES = {
  place: 'int',
  words: 'text',
  id: 'uuid',
  small: 'int',
  big: 'bigint',
  yes: 'boolean',
  real: 'float8',
  at: 'timestamptz',
  data: 'json',
  parsed: 'jsonb',
};
const keepThing = defineWrite<Record<keyof typeof TYPES, unknown>>(
  'notes.keep-thing',
  TYPES,
  `insert into thing select ${Object.keys(TYPES).join(', ')} from rows`,
);

const plain = {
  words: 'plain',
  id: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a',
  small: -1,
  big: 9_007_199_254_740_991,
  yes: true,
  real: 0.1 + 0.2,
  at: new Date('2026-01-02T03:04:05.678Z'),
  data: { text: 'a "quoted" \\ word', list: [1, null, 'x'] },
  parsed: [{ b: 2, a: 1 }, 'text'],
};
const odd = [
  ...['', ' ', 'null', 'NULL', '{}', '{a,b}', 'a,b', '"', '\\', '\\"', "'", '\n\t', 'Ünïcødé 🍵', '$1', '<>&'].map(
    (words) => ({
      words,
    }),
  ),
  { words: null, id: undefined, small: null, big: null, yes: null, real: null, at: null },
  { yes: false, real: 1e300, big: 0, small: '7', at: '2026-01-02 03:04:05.678901+02' },
  { real: Number.NaN, words: 'infinity', at: 'infinity' },
  { data: 'a text', parsed: 5 },
  { data: [], parsed: {} },
];

let notes: NotesOnPostgres;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  const columns = Object.entries(TYPES).map(([name, type]) => `${name} ${type}`);
  await notes.admin(`create table notes.thing (${columns.join(', ')})`);
  await notes.admin('grant all on notes.thing to public');
});
afterAll(() => notes.drop());

describe('rows that travel as arrays', () => {
  it('arrive as those that travel as JSON', async () => {
    const rows = odd.map((one, place) => ({ place, ...plain, ...one }));
    for (const row of rows) await notes.work.run((tx) => tx.write(keepThing, row));
    const one = await notes.rows('select row_to_json(thing)::text as json from thing order by place');
    await notes.admin('truncate notes.thing');
    await notes.work.run((tx) => tx.write(keepThing, ...rows));
    const together = await notes.rows('select row_to_json(thing)::text as json from thing order by place');
    expect(together).toHaveLength(odd.length);
    expect(together).toEqual(one);
  });

  it.each([
    ['NUL', '\0'],
    ['half a character', '\ud800'],
  ])('are refused with %s in their JSON, one or many', async (_, text) => {
    for (const count of [1, 20]) {
      const rows = Array.from({ length: count }, (_, place) => ({ place: 1_000 + place, ...plain, data: { text } }));
      await expect(notes.work.run((tx) => tx.write(keepThing, ...rows))).rejects.toThrow();
    }
    expect(await notes.rows('select from thing where place >= 1000')).toEqual([]);
  });
});
