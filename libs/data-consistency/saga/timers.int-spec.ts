import { newId, type Message } from '@holdfast/messaging';
import { until } from '../fixture/notes-on-postgres.js';
import { Opened, Shut, Started, ToyOnPostgres, toy } from './toy-saga.fixture.js';

let world: ToyOnPostgres;
beforeAll(async () => void (world = await ToyOnPostgres.create()));
afterEach(() => world.reset());
afterAll(() => world.notes.drop());

const TIMER = `type = 'notes.toy-timer.v1'`;

type More = Parameters<typeof world.run>[1];

async function waiting(patienceMs: number, more: More = {}, saga = toy({ patienceMs })): Promise<string> {
  const id = newId();
  world.run([saga], more);
  await world.tell(Started, id);
  await until('the clock is set', async () => (await world.openTimers(id)) === 1);
  return id;
}

const dueIn = async (id: string) =>
  (
    await world.notes.rows<{ ms: number; step: number }>(
      `select (extract(epoch from due_at - clock_timestamp()) * 1000)::float8 as ms, (envelope -> 'data' ->> 'step')::int as step
       from inbox where ${TIMER} and done_at is null and envelope ->> 'subject' = $1`,
      id,
    )
  )[0]!;

describe('the timer of a saga', () => {
  it('is one clock, set anew with each step', async () => {
    const id = await waiting(60_000);
    await world.tell(Opened, id);
    await until('it is set anew', async () => (await dueIn(id)).step === 1);
    expect(await world.openTimers(id)).toBe(1);
    expect((await dueIn(id)).ms).toBeGreaterThan(50_000);
  });

  it('fires for another process when its own is gone before it is due', async () => {
    const id = await waiting(400);
    await world.notes.stopRoads();
    expect((await dueIn(id)).ms).toBeGreaterThan(0);
    world.answers = { shutter: Shut };
    world.run([toy({ patienceMs: 60_000 })]);
    await world.ends(id, 'compensated');
  });

  it('fires once when it fell due while no process was there', async () => {
    const id = await waiting(60_000);
    await world.notes.stopRoads();
    await world.notes.rows(`update inbox set due_at = clock_timestamp() where ${TIMER} and done_at is null`);
    world.answers = { shutter: Shut };
    for (const _ of [1, 2]) world.run([toy({ patienceMs: 60_000 })]);
    await world.ends(id, 'compensated');
    expect(world.asked.filter((name) => name === 'shutter')).toHaveLength(1);
  });

  it('that was taken by a process that died is taken over when its lease ends', async () => {
    const id = await waiting(60_000);
    await world.notes.stopRoads();
    await world.notes.rows(
      `update inbox set due_at = now(), position = nextval('inbox_position'), claim = gen_random_uuid(), attempts = 1,
              claimed_until = clock_timestamp() + interval '300 ms' where ${TIMER} and done_at is null`,
    );
    world.answers = { shutter: Shut };
    world.run();
    await world.ends(id, 'compensated');
  });

  it.each([
    ['has turned back', {}, 'shutter', {}],
    ['still waits for the same step', { open: Opened }, 'close', { openPatienceMs: 60_000 }],
  ])('that comes again moves nothing when the saga %s', async (_, answers, asked, patient) => {
    world.answers = answers;
    const id = await waiting(100, {}, toy({ patienceMs: 100, ...patient }));
    await until('it has fired', () => world.asked.filter((name) => name === asked).length >= 1);
    await world.notes.stopRoads();
    world.run([toy({ patienceMs: 60_000 })]);
    await until('the next one is far away', async () => (await dueIn(id))?.ms > 50_000);
    const fired = await world.notes.rows<{ message_id: string; envelope: Message }>(
      `select message_id, envelope from inbox where ${TIMER} and outcome = 'handled'`,
    );
    expect(fired.length).toBeGreaterThan(0);
    const version = await versionOf(id);
    await world.notes.conveyor.carry(fired.map(({ envelope }) => envelope)); // from outside, known to the inbox
    await world.notes.rows(
      `update inbox set done_at = null, outcome = null, claimed_until = '-infinity', position = nextval('inbox_position')
       where message_id = any($1)`,
      fired.map(({ message_id }) => message_id),
    ); // forgotten by the inbox, and handled again
    await world.idle();
    expect(await versionOf(id)).toBe(version);
    expect(await world.openTimers(id)).toBe(1);
  });

  it.each([
    ['ahead', 3_600_000],
    ['behind', -3_600_000],
  ])('falls due by the clock of the database when that of the process is an hour %s', async (_, offMs) => {
    world.answers = { shutter: Shut };
    const id = await waiting(1_000, { clock: () => new Date(Date.now() + offMs) });
    const { ms } = await dueIn(id);
    expect(ms).toBeGreaterThan(0);
    expect(ms).toBeLessThanOrEqual(1_000);
    await world.ends(id, 'compensated');
  });

  it('is found among thousands without looking at the others', async () => {
    await world.notes.admin(
      `insert into notes.inbox (message_id, handler, lane, type, source, due_at, envelope)
       select gen_random_uuid(), 'saga-toy', '/' || n, 'notes.toy-timer.v1', 'notes', now() + interval '1 h', '{"subject":"x"}'
       from generate_series(1, 20000) n`,
    );
    await world.notes.admin('analyze notes.inbox');
    const scans = async () => {
      await world.notes.admin('select pg_stat_force_next_flush()');
      const [row] = await world.notes.admin<{ read: number }>(
        `select coalesce(sum(seq_tup_read), 0)::float8 as read from pg_stat_user_tables where schemaname = 'notes' and relname in ('inbox', 'saga')`,
      );
      return row!.read;
    };
    const before = await scans();
    world.answers = { shutter: Shut };
    const ids = Array.from({ length: 20 }, () => newId());
    world.run([toy({ patienceMs: 100 })]);
    await Promise.all(ids.map((id) => world.tell(Started, id)));
    for (const id of ids) await world.ends(id, 'compensated');
    await world.notes.stopRoads(); // connections flush what they counted when they go idle or end
    expect((await scans()) - before).toBeLessThan(20_000);
    expect(await world.notes.count(`inbox where ${TIMER} and done_at is null`)).toBe(20_000);
  });
});

async function versionOf(id: string): Promise<number> {
  return (await world.notes.rows<{ version: number }>('select version from saga where id = $1', id))[0]!.version;
}
