import { newId } from '@holdfast/messaging';
import { TAKE_TURN } from '../inbox/inbox.js';
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

it('the outbox is carried again also when its leader was about to move the cursor meanwhile', async () => {
  const waiting = (query: string) => async () => {
    const sessions = `pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`;
    return (await notes.admin(`select from ${sessions} and query like '%${query}%'`)).length > 0;
  };
  await notes.admin('truncate notes.inbox');
  await notes.database.transaction(async (operator) => {
    await notes.database.transaction(async (slow) => {
      await slow.query(TAKE_TURN);
      await notes.work.run((tx) => tx.emit(NoteWritten, { note: newId(), n: 4 }));
      await until('it is being carried', waiting('insert into inbox'));
      await operator.query('update leadership set epoch = epoch + 1');
      await operator.query(`update relay_cursor set xid = '0', position = 0`);
    });
    await until('the leader waits for the cursor', waiting('update relay_cursor'));
  });
  await until('all are handled again', async () => (await handled()) === 4);
}, 60_000);
