import { newId } from '@holdfast/messaging';
import { NoteWritten, NotesOnPostgres, recorder, until } from '../fixture/notes-on-postgres.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterAll(() => notes.drop());

const handled = () => notes.count(`inbox where done_at is not null`);

it('the outbox is carried again from where the cursor was set back to, once its leader is deposed with it', async () => {
  const road = notes.road([recorder('seen', () => {})]);
  for (const n of [1, 2, 3]) await notes.work.run((tx) => tx.emit(NoteWritten, { note: newId(), n }));
  await until('all are handled', async () => (await handled()) === 3);
  expect(road.leads).toBe(true);

  await notes.admin('truncate notes.inbox'); // as an older backup would have it
  await notes.database.transaction(async (client) => {
    await client.query('update leadership set epoch = epoch + 1');
    await client.query(`update relay_cursor set xid = '0', position = 0`);
  });
  await until('all are handled again', async () => (await handled()) === 3);
}, 30_000);
