import pg from 'pg';
import { newId } from '@holdfast/messaging';
import { NoteWritten, NotesOnPostgres, recorder, until } from '../fixture/notes-on-postgres.js';
import { Operations } from '../road/operations.js';
import type { Horizon } from './horizon.js';

let notes: NotesOnPostgres;
const held: { end(): Promise<void> }[] = [];
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterEach(async () => {
  for (const one of held.splice(0)) await one.end();
  await notes.stopRoads();
});
afterAll(() => notes.drop());

/** A transaction that has written something, or is about to, and stays open: in another database, as somebody else. */
async function strangerHolds(): Promise<{ pid: number; end(): Promise<void> }> {
  const client = new pg.Client({
    connectionString: process.env.TEST_ADMIN_DATABASE_URL,
    application_name: 'a stranger',
  });
  await client.connect();
  await client.query('begin');
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid, pg_current_xact_id()');
  const stranger = { pid: rows[0]!.pid, end: () => client.end() };
  held.push(stranger);
  return stranger;
}

const operations = () => new Operations('notes', notes.database, () => {});

describe('a transaction left open, anywhere in the cluster', () => {
  it('is named, with its role and its age, while messages wait for it; they go on when it ends', async () => {
    const told: Horizon[] = [];
    const { pid, end } = await strangerHolds();
    await until('it is the oldest', async () => (await operations().horizon()).holder?.pid === pid); // of all tests'
    notes.road([recorder('reader')], { stalled: (horizon) => told.push(horizon), stalledAfterMs: 300 });
    const note = newId();
    await notes.work.run((tx) => tx.emit(NoteWritten, { note, n: 1 }));
    await until('the alarm is raised', () => told.some(({ holder }) => holder?.pid === pid));
    const { waitingSeconds, holder } = told.find((one) => one.holder?.pid === pid)!;
    expect(waitingSeconds).toBeGreaterThanOrEqual(0.3);
    expect(holder).toMatchObject({ pid, prepared: null, database: 'postgres', application: 'a stranger' });
    expect(holder!.role).toBe(new URL(process.env.TEST_ADMIN_DATABASE_URL!).username);
    expect(holder!.seconds).toBeGreaterThanOrEqual(waitingSeconds);
    expect(told).toHaveLength(1); // again after a minute only
    expect(await notes.effects(note)).toEqual([]);
    expect(await operations().horizon()).toMatchObject({ holder: { pid } });

    await end();
    await until('the message is handled', async () => (await notes.effects(note)).length === 1);
    await until('nothing waits', async () => (await operations().horizon()).waitingSeconds === 0);
  });

  it('is seen, and no alarm, while nothing waits for it', async () => {
    const told: Horizon[] = [];
    const road = notes.road([recorder('reader')], { stalled: (horizon) => told.push(horizon), stalledAfterMs: 1 });
    await until('somebody leads', () => road.leads);
    const { pid } = await strangerHolds();
    await until('it is the oldest', async () => (await operations().horizon()).holder?.pid === pid);
    expect((await operations().horizon()).waitingSeconds).toBe(0);
    expect(told).toEqual([]);
  });

  it('says how long it is open when it is of our own role', async () => {
    const client = await notes.newDatabase(1).pool.connect();
    held.push({ end: async () => client.release(true) });
    await client.query('begin');
    const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid, pg_current_xact_id()');
    const mine = async () => {
      const { holder } = await operations().horizon();
      return holder?.pid === rows[0]!.pid && holder.seconds > 0.2 && holder.role === 'notes_app';
    };
    await until('it is named with its age', mine);
  });
});
