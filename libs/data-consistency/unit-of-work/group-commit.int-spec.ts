import { ConcurrencyError } from '../database/errors.js';
import { NoteWritten, NotesOnPostgres, recordEffect } from '../fixture/notes-on-postgres.js';
import { defineWrite } from './write.js';

const open = defineWrite<{ id: string; balance: number }>(
  'notes.open',
  { id: 'text', balance: 'bigint' },
  `insert into account (id, balance) select id, balance from rows`,
);
const add = defineWrite<{ id: string; amount: number }>(
  'notes.add',
  { id: 'text', amount: 'bigint' },
  `update account set balance = balance + rows.amount from rows where account.id = rows.id`,
);
const addIfThere = defineWrite<{ id: string; amount: number }>(
  'notes.add-if-there',
  { id: 'text', amount: 'bigint' },
  `update account set balance = balance + rows.amount from rows where account.id = rows.id`,
  { affects: 'any' },
);

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());
beforeEach(() => notes.admin('truncate notes.account, notes.effect, notes.outbox'));

const many = <R>(n: number, work: (i: number) => Promise<R>) =>
  Promise.allSettled(Array.from({ length: n }, (_, i) => work(i)));
const transactions = async (table: string) => (await notes.rows(`select distinct xmin::text from ${table}`)).length;
const balance = async (id: string) =>
  (await notes.rows<{ balance: number }>(`select balance from account where id = '${id}'`))[0]?.balance;

describe('group commit', () => {
  it('puts units that come together into few transactions, and loses none', async () => {
    await many(200, (i) => notes.work.run((tx) => tx.write(open, { id: `a${i}`, balance: i })));
    expect((await notes.rows('select from account')).length).toBe(200);
    expect(await transactions('account')).toBeLessThan(50);
  });

  it('never fails a unit for its neighbour', async () => {
    await notes.work.run((tx) => tx.write(open, { id: 'taken', balance: 0 }));
    const outcomes = await many(40, (i) =>
      notes.work.run((tx) => {
        tx.write(open, { id: i === 17 ? 'taken' : `n${i}`, balance: 1 });
        tx.emit(NoteWritten, { note: `n${i}`, n: i });
      }),
    );
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([17]);
    expect((await notes.rows('select from account')).length).toBe(40);
    expect((await notes.rows('select from outbox')).length).toBe(39);
  });

  it('never fails a unit for a neighbour that cannot be written down', async () => {
    const outcomes = await many(20, (i) =>
      notes.work.run((tx) => tx.write(open, { id: `b${i}`, balance: (i === 7 ? 1n : 1) as number })),
    );
    expect(outcomes.flatMap(({ status }, i) => (status === 'rejected' ? [i] : []))).toEqual([7]);
    expect((await notes.rows('select from account')).length).toBe(19);
  });

  it('adds up changes of one row, whether a write must hit or may miss', async () => {
    await notes.work.run((tx) => tx.write(open, { id: 'hot', balance: 0 }));
    const outcomes = await many(60, (i) =>
      notes.work.run((tx) => tx.write(i % 2 ? add : addIfThere, { id: 'hot', amount: 1 })),
    );
    expect(outcomes.every(({ status }) => status === 'fulfilled')).toBe(true);
    expect(await balance('hot')).toBe(60);
  });

  it('tells each unit its own failure', async () => {
    const outcomes = await many(20, (i) =>
      notes.work.run((tx) => {
        tx.write(recordEffect, { handler: 'h', note: `m${i}`, n: i });
        tx.write(add, { id: 'nobody', amount: 1 });
      }),
    );
    for (const outcome of outcomes) {
      expect(outcome.status === 'rejected' && outcome.reason).toBeInstanceOf(ConcurrencyError);
    }
    expect((await notes.rows('select from effect')).length).toBe(0);
  });
});
