import { newId } from '@holdfast/messaging';
import { until } from '../fixture/notes-on-postgres.js';
import { Operations } from '../road/operations.js';
import { Checked, Closed, Opened, Started, ToyOnPostgres, toy } from './toy-saga.fixture.js';

let world: ToyOnPostgres;
beforeAll(async () => void (world = await ToyOnPostgres.create()));
afterEach(() => world.reset());
afterAll(() => world.notes.drop());

const [v1, v2] = [toy({ version: 1 }), toy({ version: 2 })];

/** An instance of version 1 that waits for its first answer, in a process that has ended. */
async function begunOnV1(): Promise<string> {
  const id = newId();
  world.run([v1]);
  await world.tell(Started, id);
  await until('it waits', () => world.asked.includes('open'));
  await world.idle();
  await world.notes.stopRoads();
  world.asked.length = 0;
  return id;
}

describe('versions of a saga', () => {
  it('what began on version 1 ends on version 1, while what begins now runs on version 2', async () => {
    const old = await begunOnV1();
    const young = newId();
    world.answers = { open: Opened, check: Checked, close: Closed };
    const sagas = world.run([v1, v2]);
    await world.tell(Started, young);
    await world.ends(young, 'completed');
    expect(world.asked).toEqual(['open', 'check', 'close']);
    await world.tell(Opened, old);
    await world.ends(old, 'completed');
    expect(world.asked).toEqual(['open', 'check', 'close', 'close']); // nobody was asked to check the old one
    expect([(await sagas.find(old))!.version, (await sagas.find(young))!.version]).toEqual([1, 2]);
    expect(await sagas.orphans()).toEqual([]);
  });

  it('without its version an instance is named, its messages are parked with the cause, and it goes on when the version is back', async () => {
    const old = await begunOnV1();
    world.answers = { close: Closed };
    const sagas = world.run([v2], { notHereMs: [1] });
    expect(await sagas.orphans()).toEqual([{ saga: 'toy', version: 1, count: 1, ids: [old] }]);
    await world.tell(Opened, old);
    const operations = new Operations('notes', world.notes.database, () => {});
    const parked = () => operations.messages({ state: 'parked', limit: 5 });
    await until('it is parked', async () => (await parked()).length === 1);
    const [message] = await parked();
    expect(message).toMatchObject({ key: old, attempts: 2, handler: 'saga-toy' });
    expect(message!.lastError).toMatch(/VersionGone: Saga toy version 1 is not in this code, which has 2/);

    await world.notes.stopRoads();
    world.run([v1, v2]);
    expect(await operations.redrive(message!.messageId)).toBe(true);
    await world.ends(old, 'completed');
    expect(world.asked).toEqual(['close']);
  });

  it('while a deployment is under way, what the old process cannot handle is left to the new one', async () => {
    const old = await begunOnV1();
    world.answers = { close: Closed };
    world.run([v2], { notHereMs: Array<number>(1_000).fill(50) });
    await world.tell(Opened, old);
    await until(
      'it was tried',
      async () => (await world.notes.count(`inbox where last_error like 'VersionGone%'`)) === 1,
    );
    world.run([v1, v2]);
    await world.ends(old, 'completed');
    expect(await world.notes.count('inbox where parked_at is not null')).toBe(0);
  });

  it('what has ended does not need its version any more', async () => {
    const old = await begunOnV1();
    world.answers = { open: Opened, close: Closed };
    world.run([v1]);
    await world.tell(Opened, old);
    await world.ends(old, 'completed');
    await world.notes.stopRoads();
    const sagas = world.run([v2]);
    await world.tell(Opened, old);
    await world.idle();
    expect(await world.notes.count('inbox where parked_at is not null')).toBe(0);
    expect(await sagas.orphans()).toEqual([]);
  });
});
