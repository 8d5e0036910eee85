import { newId } from '@holdfast/messaging';
import { until } from '../fixture/notes-on-postgres.js';
import { InputsForgotten } from './saga-operations.js';
import { Closed, Opened, Refused, Shut, Started, ToyOnPostgres, toy } from './toy-saga.fixture.js';

let world: ToyOnPostgres;
beforeAll(async () => void (world = await ToyOnPostgres.create()));
afterEach(() => world.reset());
afterAll(() => world.notes.drop());

describe('a timeline', () => {
  it('names what was asked and answered, by which message, when and how long it took', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Refused, shutter: Shut };
    const sagas = world.run();
    await world.tell(Started, id);
    await world.ends(id, 'compensated');
    const { timeline } = (await sagas.find(id))!;
    expect(timeline.map(({ what, step }) => [what, step])).toEqual([
      ['started', null],
      ['asked', 'open'],
      ['done', 'open'],
      ['asked', 'close'],
      ['failed', 'close'],
      ['turned back', null],
      ['undo asked', 'open'],
      ['undone', 'open'],
      ['compensated', null],
    ]);
    for (const { what, messageId } of timeline) {
      const box = what.includes('asked') ? 'outbox' : 'inbox';
      expect([what, await world.notes.count(`${box} where message_id = '${messageId}'`)]).toEqual([what, 1]);
    }
    for (const { what, tookMs } of timeline) {
      const takes = ['done', 'failed', 'undone', 'compensated'].includes(what);
      expect([what, tookMs !== null && tookMs >= 0]).toEqual([what, takes]);
    }
    expect(timeline.find(({ what }) => what === 'turned back')!.detail).toBe('refused');
  });

  it('says what is waited for, and until when', async () => {
    const id = newId();
    world.answers = { open: Opened };
    const sagas = world.run([toy({ patienceMs: 3_600_000 })]);
    await world.tell(Started, id);
    await until('it waits for the second step', async () => (await sagas.find(id))?.pending?.step === 'close');
    const { pending, nextTimer } = (await sagas.find(id))!;
    expect(pending).toMatchObject({ step: 'close', undoing: false, asks: 1, askedAt: expect.any(Date) });
    const wait = nextTimer!.getTime() - pending!.askedAt.getTime();
    expect(wait).toBeGreaterThan(3_590_000);
    expect(wait).toBeLessThan(3_610_000);
  });
});

describe('a saga that nobody answers', () => {
  /** Only with the step that is not answered: of a busy machine, others may take their time. */
  const impatient = (undoing: boolean) =>
    toy({ ...(undoing ? { undoPatienceMs: 40 } : { patienceMs: 40, openPatienceMs: 60_000 }), stuckAfter: 2 });

  it.each([
    ['a step that must happen', { open: Opened }, 'close', false, Closed, 'completed'],
    ['an undo', { open: Opened, close: Refused }, 'open', true, Shut, 'compensated'],
  ] as const)(
    'is stuck at %s: one alarm, listed, counted; ends with the answer',
    async (_, answers, step, undoing, answer, end) => {
      const id = newId();
      world.answers = answers;
      const sagas = world.run([impatient(undoing)]);
      await world.tell(Started, id);
      await until('it is stuck', async () => (await sagas.stuck())[0]!.count === 1);
      await until('it asks on', async () => ((await sagas.find(id))!.pending?.asks ?? 0) >= 4);
      expect(world.alarms).toEqual([expect.objectContaining({ saga: 'toy', id, step, undoing, asks: 3 })]);
      expect(await sagas.list({ limit: 5, stuck: true })).toMatchObject([{ id, stuckSince: expect.any(Date) }]);
      expect((await sagas.find(id))!.timeline.filter(({ what }) => what === 'stuck')).toHaveLength(1);

      await world.tell(answer, id);
      await world.ends(id, end);
      expect(await sagas.stuck()).toEqual([{ saga: 'toy', count: 0 }]);
      expect(await sagas.list({ limit: 5, stuck: true })).toEqual([]);
    },
  );

  it('asks at once when it is resumed', async () => {
    const id = newId();
    world.answers = { open: Opened };
    const sagas = world.run();
    await world.tell(Started, id);
    await until('the pivot was asked for', () => world.asked.includes('close'));
    world.answers = { close: Closed };
    expect(await sagas.resume(id)).toBe('resumed');
    await world.ends(id, 'completed');
    expect(world.asked).toEqual(['open', 'close', 'close']);
    const { timeline } = (await sagas.find(id))!;
    expect(timeline.map(({ what }) => what)).toEqual(expect.arrayContaining(['resumed', 'asked again']));
    expect(timeline.find(({ what }) => what === 'resumed')!.messageId).toBeNull();
    expect(await sagas.resume(id)).toBe('not waiting');
    expect(await sagas.resume(newId())).toBe('unknown');
  });

  it('is not asked again before its point of no return: it would turn back by itself', async () => {
    const id = newId();
    const sagas = world.run();
    await world.tell(Started, id);
    await until('it has begun', async () => (await world.status(id)) === 'running');
    expect(await sagas.resume(id)).toBe('not waiting');
  });
});

describe('a fork', () => {
  it('tells what would be sent from a step on, and leaves no trace', async () => {
    const id = newId();
    world.answers = { open: Opened };
    const sagas = world.run([toy({ patienceMs: 50, openPatienceMs: 60_000 })]);
    await world.tell(Started, id);
    await until('the pivot was asked for again', () => world.asked.filter((name) => name === 'close').length >= 2);
    await world.tell(Closed, id);
    await world.ends(id, 'completed');
    await world.idle();
    const counts = () =>
      Promise.all(['inbox', 'outbox', 'saga_timeline', 'saga'].map((table) => world.notes.count(table)));
    const before = await counts();
    const forked = (await sagas.fork(id, 'close'))!;
    expect(new Set(forked.messages.map(({ type }) => type))).toEqual(new Set(['notes.close.v1']));
    expect(forked.messages.length).toBe(world.asked.filter((name) => name === 'close').length);
    expect(forked).toMatchObject({ saga: 'toy', version: 1, instance: { status: 'completed', state: { id } } });
    expect(await counts()).toEqual(before);
    expect(await sagas.fork(newId(), 'close')).toBeUndefined();
  });

  it('tries a newer definition on what really happened', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Closed };
    world.run([toy()]);
    await world.tell(Started, id);
    await world.ends(id, 'completed');
    const sagas = world.run([toy(), toy({ version: 2 })], { start: false });
    const forked = (await sagas.fork(id, 'open', 'newest'))!;
    expect(forked.messages.map(({ type }) => type)).toEqual(['notes.open.v1', 'notes.check.v1']);
    expect(forked).toMatchObject({ version: 2, instance: { status: 'running' } });
  });

  it('says so when the inbox has forgotten a message', async () => {
    const id = newId();
    world.answers = { open: Opened, close: Closed };
    const sagas = world.run();
    await world.tell(Started, id);
    await world.ends(id, 'completed');
    await world.idle();
    await world.notes.admin(`delete from notes.inbox where type = 'notes.opened.v1'`);
    await expect(sagas.fork(id, 'close')).rejects.toThrow(InputsForgotten);
  });
});
