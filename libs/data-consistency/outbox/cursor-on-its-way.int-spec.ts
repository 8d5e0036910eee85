import type { Conveyor, Message } from '@holdfast/messaging';
import { Database } from '../database/database.js';
import { NoteWritten, NotesOnPostgres, gate, until } from '../fixture/notes-on-postgres.js';
import { Relay } from './relay.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());

const isCarried = async () =>
  (await notes.count('outbox o, relay_cursor c where (o.xid, o.position) > (c.xid, c.position)')) === 0;

it('the relay carries on while its cursor is still on its way, and tells when it did not get there', async () => {
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
  for (const n of [1, 2]) {
    await notes.work.run((tx) => tx.emit(NoteWritten, { note: 'a', n }));
    relay.wake();
    await until('it is carried', () => carried.length === n);
  }
  expect(await isCarried()).toBe(false);
  await notes.rows('update leadership set epoch = 2');
  open();
  relay.wake(); // finds nothing more, and hears of the cursor
  await until('it is told', () => failures.some((failure) => failure.includes('no longer leads')));
  expect(await isCarried()).toBe(false);
  await relay.stepDown();
});
