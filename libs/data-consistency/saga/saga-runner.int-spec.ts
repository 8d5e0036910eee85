import {
  Type,
  defineCommand,
  defineEvent,
  newId,
  seal,
  type AnyContract,
  type EventContract,
} from '@holdfast/messaging';
import { NotesOnPostgres, until } from '../fixture/notes-on-postgres.js';
import type { MessageHandler } from '../inbox/handler.js';
import { Operations } from '../road/operations.js';
import { defineSaga, on, type Saga } from './define-saga.js';
import { SagaRunner } from './saga-runner.js';

const schema = Type.Object({ id: Type.String() });
const event = (name: string) => defineEvent(`notes.${name}`, 1, schema, { key: 'id' });
const command = (name: string) => defineCommand(`notes.${name}`, 1, schema, { key: 'id' });
const [Started, Opened, Shut, Refused, Closed, Over] = ['started', 'opened', 'shut', 'refused', 'closed', 'over'].map(
  event,
) as EventContract<typeof schema>[] as [
  EventContract<typeof schema>,
  EventContract<typeof schema>,
  EventContract<typeof schema>,
  EventContract<typeof schema>,
  EventContract<typeof schema>,
  EventContract<typeof schema>,
];
const [Open, Shutter, Close] = [command('open'), command('shutter'), command('close')];

const toy = (patienceMs: number) =>
  defineSaga<{ id: string }>({
    name: 'toy',
    version: 1,
    starts: on(Started, ({ id }) => ({ id })),
    steps: [
      {
        name: 'open',
        do: (state) => Open.of(state),
        done: on(Opened, (_, state: { id: string }) => state),
        undo: (state) => Shutter.of(state),
        undone: on(Shut, (_, state: { id: string }) => state),
        patienceMs,
      },
      {
        name: 'close',
        pivot: true,
        do: (state) => Close.of(state),
        done: on(Closed, (_, state: { id: string }) => state),
        failed: on(Refused, () => 'refused'),
        patienceMs,
      },
    ],
    interrupts: [],
    turned: () => [],
    compensated: (state) => Over.of(state),
  });

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterEach(async () => {
  await notes.stopRoads();
  await notes.admin('truncate notes.inbox, notes.outbox'); // what was still on its way
});
afterAll(() => notes.drop());

/** A neighbour that answers commands as told, or stays silent. */
function neighbour(answers: Record<string, EventContract<typeof schema> | undefined>): {
  handlers: MessageHandler[];
  asked: string[];
} {
  const asked: string[] = [];
  const handlers = [Open, Shutter, Close].map((contract): MessageHandler => ({
    name: 'neighbour',
    contract: contract as AnyContract,
    lane: 'neighbour',
    maxAttempts: 3,
    backoffMs: [1],
    handle: (data, tx) => {
      asked.push(contract.name.slice(6));
      const answer = answers[contract.name.slice(6)];
      if (answer) tx.emit(answer, data as { id: string });
    },
  }));
  return { handlers, asked };
}

function run(answers: Parameters<typeof neighbour>[0], patienceMs = 60_000) {
  const { handlers, asked } = neighbour(answers);
  notes.road([...new SagaRunner('notes', [toy(patienceMs) as Saga]).handlers(), ...handlers]);
  return asked;
}

const tell = (contract: EventContract<typeof schema>, id: string) =>
  notes.conveyor.carry([seal(contract.of({ id }), { source: 'notes', time: new Date() })]);
const saga = async (id: string) =>
  (await new Operations('notes', notes.database, () => {}).saga(id)) as
    { status: string; reason: string | null; timeline: { entry: string }[] } | undefined;
const ends = (id: string, status: string) =>
  until(`${id} is ${status}`, async () => (await saga(id))?.status === status);
const openTimers = (id: string) =>
  notes.count(`inbox where type = 'notes.toy-timer.v1' and done_at is null and envelope ->> 'subject' = '${id}'`);

describe('a running saga', () => {
  it('goes through its steps and leaves no timer behind', async () => {
    const id = newId();
    const asked = run({ open: Opened, close: Closed });
    await tell(Started, id);
    await ends(id, 'completed');
    expect(asked).toEqual(['open', 'close']);
    expect((await saga(id))!.timeline.map(({ entry }) => entry)).toEqual([
      'started',
      'open done',
      'close done',
      'completed',
    ]);
    expect(await openTimers(id)).toBe(0);
  });

  it('undoes what was done when a step fails, and says so', async () => {
    const id = newId();
    const asked = run({ open: Opened, close: Refused, shutter: Shut });
    await tell(Started, id);
    await ends(id, 'compensated');
    expect(asked).toEqual(['open', 'close', 'shutter']);
    expect((await saga(id))!.reason).toBe('refused');
    expect(await notes.count(`outbox where type = 'notes.over.v1' and key = '${id}'`)).toBe(1);
    expect(await openTimers(id)).toBe(0);
  });

  it('turns back by its timer when nobody answers, and undoes what may have happened', async () => {
    const id = newId();
    const asked = run({ shutter: Shut }, 150);
    await tell(Started, id);
    await ends(id, 'compensated');
    expect(asked).toEqual(['open', 'shutter']);
    expect((await saga(id))!.reason).toBe('open timed out');
  });

  it('asks its pivot again instead of guessing, and goes on with the answer', async () => {
    const id = newId();
    const asked = run({ open: Opened }, 150);
    await tell(Started, id);
    await until('the pivot was asked for three times', () => asked.filter((name) => name === 'close').length >= 3);
    await tell(Closed, id);
    await ends(id, 'completed');
    expect(await openTimers(id)).toBe(0);
  });

  it('sets its one clock anew with each step', async () => {
    const id = newId();
    run({}, 60_000);
    await tell(Started, id);
    await until('the clock is set', async () => (await openTimers(id)) === 1);
    const due = () =>
      notes.rows<{ due_at: Date; step: string }>(
        `select due_at, envelope -> 'data' ->> 'step' as step from inbox where done_at is null and position is null and envelope ->> 'subject' = $1`,
        id,
      );
    const [first] = await due();
    await tell(Opened, id);
    await until('it is set anew', async () => (await due())[0]?.step === '1');
    const [second, ...more] = await due();
    expect(more).toEqual([]);
    expect(second!.due_at.getTime()).toBeGreaterThanOrEqual(first!.due_at.getTime());
  });

  it('does not mind events that come twice, too early or too late', async () => {
    const id = newId();
    const asked = run({ open: Opened, close: Closed });
    for (const contract of [Closed, Shut, Started, Started]) await tell(contract, id);
    await ends(id, 'completed');
    for (const contract of [Started, Opened, Refused, Shut]) await tell(contract, id);
    await until('everything is handled', async () => (await notes.count('inbox where done_at is null')) === 0);
    expect(asked).toEqual(['open', 'close']);
    expect((await saga(id))!.status).toBe('completed');
    expect(await notes.count('inbox where parked_at is not null')).toBe(0);
  });
});
