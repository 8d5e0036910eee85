import type { Conveyor, Message } from '@holdfast/messaging';
import { Database } from '../database/database.js';
import { NoteWritten, NotesOnPostgres, gate, until } from '../fixture/notes-on-postgres.js';
import { Relay } from './relay.js';

describe('a relay whose cursor is on its way', () => {
  let notes: NotesOnPostgres;
  beforeEach(async () => void (notes = await NotesOnPostgres.create()));
  afterEach(() => notes.drop());

  const isCarried = async () =>
    (await notes.count('outbox o, relay_cursor c where (o.xid, o.position) > (c.xid, c.position)')) === 0;

  /** Carries so many messages one by one; its cursor does not arrive before the gate is open, and then it is refused. */
  async function carrying(messages: number) {
    const carried: Message[] = [];
    const conveyor: Conveyor = {
      name: 'notebook',
      connect: () => undefined,
      lastCarried: async () => undefined,
      carry: async (batch) => void carried.push(...batch),
    };
    const { opened, open } = gate();
    const slow = new (class extends Database {
      override async read(...[text, values]: Parameters<Database['read']>) {
        if (text.startsWith('update relay_cursor set xid')) await opened;
        return super.read(text, values) as never;
      }
    })(notes.database.pool);
    const failures: string[] = [];
    const failed = (error: unknown) => failures.push(String(error));
    const relay = new Relay({ context: 'notes', database: slow, conveyor, failed, pollMs: 3_600_000 });
    await notes.rows(`insert into leadership values ('notes', 1)`);
    relay.lead(1);
    await until('it rests', () => relay.look() !== undefined);
    for (let n = 1; n <= messages; n++) {
      await notes.work.run((tx) => tx.emit(NoteWritten, { note: 'a', n }));
      relay.wake();
      await until('it is carried', () => carried.length === n);
    }
    expect(await isCarried()).toBe(false);
    await notes.rows('update leadership set epoch = 2');
    open();
    const told = () => failures.some((failure) => failure.includes('no longer leads'));
    return { relay, told };
  }

  it('carries on, and tells that it did not get there when there is nothing more to carry', async () => {
    const { relay, told } = await carrying(2);
    relay.wake();
    await until('it is told', told);
    expect(await isCarried()).toBe(false);
    await relay.stepDown();
  });

  it('tells that it did not get there when it steps down before it looks again', async () => {
    const { relay, told } = await carrying(1);
    await relay.stepDown();
    expect(told()).toBe(true);
    expect(await isCarried()).toBe(false);
  });
});
