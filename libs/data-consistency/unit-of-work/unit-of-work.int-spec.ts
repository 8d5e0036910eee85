import { setImmediate as nextTurn } from 'node:timers/promises';
import { ConcurrencyError } from '../database/errors.js';
import { NoteWritten, NotesOnPostgres, gate, recordEffect } from '../fixture/notes-on-postgres.js';
import { noteStream } from '../projections/lengths.fixture.js';
import type { Transaction } from './transaction.js';
import { defineWrite } from './write.js';

const openAccount = defineWrite<{ id: string; balance: number }>(
  'notes.open-account',
  { id: 'text', balance: 'bigint' },
  `insert into account (id, balance) select id, balance from rows`,
);
const saveAccount = defineWrite<{ id: string; balance: number; version: number }>(
  'notes.save-account',
  { id: 'text', balance: 'bigint', version: 'int' },
  `update account set balance = rows.balance, version = account.version + 1 from rows
   where account.id = rows.id and account.version = rows.version`,
);

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());
beforeEach(() => notes.admin('truncate notes.account, notes.effect, notes.outbox'));

const balances = async () =>
  (await notes.rows<{ balance: number }>('select balance from account order by id')).map((row) => row.balance);
const add = (amount: number) => (id: string) =>
  notes.work.run(async (tx) => {
    const [row] = await tx.read<{ balance: number; version: number }>(
      'select balance, version from account where id = $1',
      [id],
    );
    tx.write(saveAccount, { id, balance: row!.balance + amount, version: row!.version });
  });

describe('a unit of work', () => {
  it('commits everything as one transaction', async () => {
    await notes.work.run((tx) => {
      tx.write(openAccount, { id: 'a', balance: 1 }, { id: 'b', balance: 2 });
      tx.write(recordEffect, { handler: 'h', note: 'a', n: 1 });
      tx.emit(NoteWritten, { note: 'a', n: 1 });
    });
    const xids = await notes.rows(
      'select xmin from account union select xmin from effect union select xmin from outbox',
    );
    expect(xids).toHaveLength(1);
    expect(await balances()).toEqual([1, 2]);
  });

  it.each<[string, (tx: Transaction) => void, string]>([
    [
      'the work throws',
      () => {
        throw new Error('changed my mind');
      },
      'changed my mind',
    ],
    ['what it tells does not fit', (tx) => tx.emit(NoteWritten, { note: 'a', n: 0.5 }), 'integer'],
    ['a value does not fit', (tx) => tx.write(openAccount, { id: 'b', balance: 'x' as never }), 'bigint'],
  ])('leaves nothing when %s', async (_, last, message) => {
    const failed = notes.work.run(async (tx) => {
      tx.write(openAccount, { id: 'a', balance: 1 });
      tx.emit(NoteWritten, { note: 'a', n: 1 });
      last(tx);
    });
    await expect(failed).rejects.toThrow(message);
    expect((await notes.count('account')) + (await notes.count('outbox'))).toBe(0);
  });

  it('takes nothing any more once it is over, and says so: it would be lost', async () => {
    const kept: Transaction[] = [];
    const forgotten: Promise<unknown>[] = [];
    await notes.work.run((tx) => {
      kept.push(tx);
      tx.write(openAccount, { id: 'a', balance: 1 });
      const late = nextTurn().then(() => tx.write(openAccount, { id: 'b', balance: 2 })); // while the first one is sent
      forgotten.push(late.catch(String));
    });
    expect(await forgotten[0]).toContain('is over: too late for notes.open-account');
    await expect(notes.work.run((tx) => (kept.push(tx), Promise.reject(new Error('no'))))).rejects.toThrow('no');
    for (const tx of kept) {
      for (const late of [
        () => tx.write(openAccount, { id: 'b', balance: 2 }),
        () => tx.emit(NoteWritten, { note: 'b', n: 1 }),
        () => tx.append(noteStream, 'b', 0, [{ type: 'added', data: { by: 1 } }]),
      ])
        expect(late).toThrow('is over');
    }
    expect(await balances()).toEqual([1]);
  });

  it('fails with ConcurrencyError and writes nothing when a row was missed, after running four times', async () => {
    let runs = 0;
    const failed = notes.work.run((tx) => {
      runs++;
      tx.write(openAccount, { id: 'a', balance: 1 });
      tx.write(saveAccount, { id: 'a', balance: 1, version: 7 });
      tx.emit(NoteWritten, { note: 'a', n: 1 });
    });
    await expect(failed).rejects.toThrow(ConcurrencyError);
    await expect(failed).rejects.toMatchObject({ what: 'notes.save-account' });
    expect(runs).toBe(4);
    expect((await notes.count('account')) + (await notes.count('outbox'))).toBe(0);
  });

  it('throws the error a write names for its missed rows, at once', async () => {
    const closeAccount = defineWrite<{ id: string }>(
      'notes.close-account',
      { id: 'text' },
      `delete from account using rows where account.id = rows.id`,
      { missed: () => new RangeError('no such account') },
    );
    await expect(notes.work.run((tx) => tx.write(closeAccount, { id: 'x' }))).rejects.toThrow('no such account');
  });

  it('runs again from its start when somebody was faster, so that no update is lost', async () => {
    await notes.work.run((tx) => tx.write(openAccount, { id: 'a', balance: 0 }));
    const tried = await Promise.allSettled(Array.from({ length: 4 }, () => add(1)('a')));
    const succeeded = tried.filter(({ status }) => status === 'fulfilled').length;
    expect(await balances()).toEqual([succeeded]);
    expect(succeeded).toBeGreaterThan(1);
  });

  it('runs again after a deadlock', async () => {
    await notes.work.run((tx) => tx.write(openAccount, { id: 'a', balance: 0 }, { id: 'b', balance: 0 }));
    const [first, second] = [gate(), gate()];
    const crosswise = (mine: string, other: string, here: ReturnType<typeof gate>, there: ReturnType<typeof gate>) =>
      notes.work.run(async (tx) => {
        await tx.lock('select from account where id = $1 for update', [mine]);
        here.open();
        await there.opened;
        await tx.lock('select from account where id = $1 for update', [other]);
        tx.write(recordEffect, { handler: 'h', note: mine, n: 1 });
      });
    await Promise.all([crosswise('a', 'b', first, second), crosswise('b', 'a', second, first)]);
    expect(await notes.count('effect')).toBe(2);
  });
});

describe('a lock', () => {
  it('makes others wait until the commit', async () => {
    await notes.work.run((tx) => tx.write(openAccount, { id: 'a', balance: 0 }));
    const addLocked = () =>
      notes.work.run(async (tx) => {
        const [row] = await tx.lock<{ balance: number; version: number }>(
          'select balance, version from account where id = $1 for update',
          ['a'],
        );
        tx.write(saveAccount, { id: 'a', balance: row!.balance + 1, version: row!.version });
      });
    await Promise.all(Array.from({ length: 20 }, addLocked));
    expect(await balances()).toEqual([20]);
  });

  it('gives the connection back, whatever happens, also when two are asked for at once', async () => {
    const database = notes.newDatabase(1);
    const work = notes.workOn(database);
    const twice = (end: () => void) =>
      work.run(async (tx) => {
        await Promise.all([tx.lock('select 1'), tx.lock('select 2')]);
        end();
      });
    await twice(() => {});
    await expect(
      twice(() => {
        throw new Error('no');
      }),
    ).rejects.toThrow('no');
    await expect(work.run((tx) => tx.lock('select nonsense'))).rejects.toThrow('nonsense');
    expect(await database.one('select 1 as one')).toEqual({ one: 1 });
    expect([database.pool.totalCount, database.pool.idleCount]).toEqual([1, 1]);
  });

  it('takes no connection any more once it is over, for who goes on nevertheless', async () => {
    const database = notes.newDatabase(1);
    const work = notes.workOn(database);
    const kept: Transaction[] = [];
    await work.run((tx) => void kept.push(tx));
    await expect(
      work.run((tx) => {
        kept.push(tx);
        throw new Error('too long');
      }),
    ).rejects.toThrow('too long');
    for (const tx of kept) await expect(tx.lock('select 1')).rejects.toThrow('is over');
    expect(database.pool.idleCount).toBe(database.pool.totalCount);
  });

  it('survives the loss of its connection: the unit fails, the process and the pool live on', async () => {
    const database = notes.newDatabase(1);
    const lost = notes.workOn(database).run(async (tx) => {
      const [row] = await tx.lock<{ pid: number }>('select pg_backend_pid() as pid');
      await notes.admin('select pg_terminate_backend($1)', row!.pid);
      await expect(tx.lock('select 1')).rejects.toThrow();
      tx.write(openAccount, { id: 'a', balance: 1 });
    });
    await expect(lost).rejects.toThrow();
    expect(await notes.count('account')).toBe(0);
    expect(await database.one('select 1 as one')).toEqual({ one: 1 });
  });
});
