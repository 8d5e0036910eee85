import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { SharedRead } from './shared-read.js';

interface Account extends Record<string, unknown> {
  id: string;
  balance: number;
  /** Of the statement that read it. */
  statement: string;
}

let notes: NotesOnPostgres;
beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  await notes.admin(`insert into notes.account (id, balance) select 'a' || n, n from generate_series(0, 99) n`);
});
afterAll(() => notes.drop());

const accounts = (where = 'id = any($1::text[])') =>
  new SharedRead<Account>({
    database: notes.database,
    text: `select id, balance, statement_timestamp()::text || pg_backend_pid() as statement from account where ${where}`,
    keyOf: ({ id }) => id,
  });
const many = <R>(n: number, work: (i: number) => Promise<R>) =>
  Promise.all(Array.from({ length: n }, (_, i) => work(i)));

describe('reads by key', () => {
  it('share their round trips, and each finds what it asked for', async () => {
    const shared = accounts();
    const found = await many(200, async (i) => (await shared.find([`a${i % 100}`, 'nobody'])).get(`a${i % 100}`)!);
    expect(found.map(({ balance }) => balance)).toEqual(found.map((_, i) => i % 100));
    expect(new Set(found.map(({ statement }) => statement)).size).toBeLessThan(10);
  });

  it('see what was committed before they were asked', async () => {
    const shared = accounts();
    for (let balance = 1_000; balance < 1_020; balance++) {
      const earlier = many(5, () => shared.find(['a1']));
      await notes.admin(`update notes.account set balance = ${balance} where id = 'a1'`);
      expect((await shared.find(['a1'])).get('a1')!.balance).toBe(balance);
      await earlier;
    }
  });

  it('take as many statements as their keys need', async () => {
    const shared = accounts();
    const keys = Array.from({ length: 700 }, (_, i) => `a${i}`);
    const found = await many(5, () => shared.find(keys));
    expect(found.map(({ size }) => size)).toEqual([100, 100, 100, 100, 100]);
  });

  it('never fail for a neighbour', async () => {
    const shared = accounts(`id in (select 'a' || key::int from unnest($1::text[]) key)`);
    const outcomes = await Promise.allSettled(['1', 'no number', '2'].map((key) => shared.find([key])));
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });
});
