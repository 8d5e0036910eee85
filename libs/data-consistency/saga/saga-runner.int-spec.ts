import { newId } from '@holdfast/messaging';
import { until } from '../fixture/notes-on-postgres.js';
import { Closed, Opened, Refused, Shut, Started, ToyOnPostgres, toy } from './toy-saga.fixture.js';

let world: ToyOnPostgres;
beforeAll(async () => void (world = await ToyOnPostgres.create()));
afterEach(() => world.reset());
afterAll(() => world.notes.drop());

describe('a running saga', () => {
  it('goes through its steps and leaves no timer behind', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Closed };
    const sagas = world.run();
    await world.tell(Started, id);
    await world.ends(id, 'completed');
    expect(world.asked).toEqual(['open', 'close']);
    expect(await sagas.find(id)).toMatchObject({ status: 'completed', pending: null, nextTimer: null });
    expect(await world.openTimers(id)).toBe(0);
  });

  it('undoes what was done when a step fails, and says so', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Refused, shutter: Shut };
    const sagas = world.run();
    await world.tell(Started, id);
    await world.ends(id, 'compensated');
    expect(world.asked).toEqual(['open', 'close', 'shutter']);
    expect((await sagas.find(id))!.reason).toBe('refused');
    expect(await world.notes.count(`outbox where type = 'notes.over.v1' and key = '${id}'`)).toBe(1);
    expect(await world.openTimers(id)).toBe(0);
  });

  it('turns back by its timer when nobody answers, and undoes what may have happened', async () => {
    const id = newId();
    world.answers = { shutter: Shut };
    const sagas = world.run([toy({ patienceMs: 150, undoPatienceMs: 60_000 })]);
    await world.tell(Started, id);
    await world.ends(id, 'compensated');
    expect(world.asked).toEqual(['open', 'shutter']);
    expect((await sagas.find(id))!.reason).toBe('open timed out');
  });

  it('asks its pivot again instead of guessing, and goes on with the answer', async () => {
    const id = newId();
    world.answers = { open: Opened };
    world.run([toy({ patienceMs: 150, openPatienceMs: 60_000 })]);
    await world.tell(Started, id);
    const closings = () => world.asked.filter((name) => name === 'close').length;
    await until('the pivot was asked for three times', () => closings() >= 3);
    await world.tell(Closed, id);
    await world.ends(id, 'completed');
    expect(await world.openTimers(id)).toBe(0);
  });

  it('does not mind events that come twice, too early or too late', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Closed };
    world.run();
    for (const contract of [Closed, Shut, Started, Started]) await world.tell(contract, id);
    await world.ends(id, 'completed');
    for (const contract of [Started, Opened, Refused, Shut]) await world.tell(contract, id);
    await world.idle();
    expect(world.asked).toEqual(['open', 'close']);
    expect(await world.status(id)).toBe('completed');
    expect(await world.notes.count('inbox where parked_at is not null')).toBe(0);
  });
});
