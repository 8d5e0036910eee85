import { Type, defineCommand, defineEvent } from '@holdfast/messaging';
import { advance, begin, mustHappen, type SagaInput, type SagaInstance, type SagaStatus } from './advance.js';
import { defineSaga, eventsOf, on, type Step } from './define-saga.js';

const schema = Type.Object({ id: Type.String() });
const id = { id: 's' };
const event = (name: string) => defineEvent(`toy.${name}`, 1, schema, { key: 'id' });
const command = (name: string) => defineCommand(`toy.${name}`, 1, schema, { key: 'id' });

interface State {
  log: string[];
}
const log = (word: string) => (_: unknown, state: State) => ({ log: [...state.log, word] });

const step = (name: string, more: Partial<Step<State>> = {}): Step<State> => ({
  name,
  do: () => command(`do-${name}`).of(id),
  done: on(event(`${name}-done`), log(name)),
  ...more,
});
const undoable = (name: string): Partial<Step<State>> => ({
  failed: on(event(`${name}-failed`), () => `${name} failed`),
  undo: () => command(`undo-${name}`).of(id),
  undone: on(event(`${name}-undone`), log(`un${name}`)),
});

const steps = [
  step('a', { ...undoable('a'), tell: () => [command('tell-a').of(id)], patienceMs: 10 }),
  step('b'),
  step('c', undoable('c')),
  step('p', { pivot: true, failed: on(event('p-failed'), () => 'p failed') }),
  step('z'),
];
const toy = defineSaga<State>({
  name: 'toy',
  version: 1,
  starts: on(event('started'), () => ({ log: [] })),
  steps,
  interrupts: [on(event('stop'), () => 'stopped')],
  turned: (_, reason) => [command(`turned-${reason.replaceAll(' ', '-')}`).of(id)],
  compensated: () => event('all-undone').of(id),
});

const at = (status: SagaStatus, step: number): SagaInstance<State> => ({
  status,
  step,
  state: { log: [] },
  reason: 'why',
  asks: 1,
  stuck: false,
});
const told = (name: string): SagaInput => ({ kind: 'event', type: `toy.${name}.v1`, data: id });
const late = (status: SagaStatus, step: number): SagaInput => ({ kind: 'timeout', status, step });

function moved(instance: SagaInstance<State>, input: SagaInput): string | undefined {
  const next = advance(toy, instance, input);
  const sent = next?.send.map(({ contract }) => contract.name.slice(4)).join(' ');
  return next && `${next.instance.status} ${next.instance.step}: ${sent}${next.patienceMs === undefined ? ' .' : ''}`;
}

/** What each step does with each input; everything not named here changes nothing. */
const TABLE: Record<string, Record<string, string>> = {
  'running 0': {
    'a-done': 'running 1: tell-a do-b',
    'a-failed': 'compensated 0: turned-a-failed all-undone .',
    stop: 'compensating 0: turned-stopped undo-a',
    'timeout running 0': 'compensating 0: turned-a-timed-out undo-a',
  },
  'running 1': {
    'b-done': 'running 2: do-c',
    stop: 'compensating 0: turned-stopped undo-a',
    'timeout running 1': 'compensating 0: turned-b-timed-out undo-a',
  },
  'running 2': {
    'c-done': 'running 3: do-p',
    'c-failed': 'compensating 0: turned-c-failed undo-a',
    stop: 'compensating 2: turned-stopped undo-c',
    'timeout running 2': 'compensating 2: turned-c-timed-out undo-c',
  },
  'running 3': {
    'p-done': 'running 4: do-z',
    'p-failed': 'compensating 2: turned-p-failed undo-c',
    stop: 'compensating 2: turned-stopped undo-c',
    'timeout running 3': 'running 3: do-p',
  },
  'running 4': { 'z-done': 'completed 5:  .', 'timeout running 4': 'running 4: do-z' },
  'compensating 2': { 'c-undone': 'compensating 0: undo-a', 'timeout compensating 2': 'compensating 2: undo-c' },
  'compensating 0': { 'a-undone': 'compensated 0: all-undone .', 'timeout compensating 0': 'compensating 0: undo-a' },
  'completed 5': {},
  'compensated 0': {},
};

const EVENTS = eventsOf(toy).map(({ name }) => name.slice(4));
const TIMEOUTS = steps.flatMap((_, index) => [`timeout running ${index}`, `timeout compensating ${index}`]);

describe.each(Object.entries(TABLE))('a saga that is %s', (where, moves) => {
  const [status, index] = where.split(' ') as [SagaStatus, string];

  it.each([...EVENTS, ...TIMEOUTS])('on %s', (name) => {
    const [, kind, step] = name.split(' ');
    const input = name.startsWith('timeout') ? late(kind as SagaStatus, Number(step)) : told(name);
    expect(moved(at(status, Number(index)), input)).toBe(moves[name]);
  });
});

describe('a saga', () => {
  it('begins with its first step and waits as long as that may take', () => {
    expect(begin(toy, id)).toMatchObject({
      instance: { status: 'running', step: 0, asks: 1, stuck: false },
      patienceMs: 10,
      timeline: [{ what: 'started' }, { what: 'asked', step: 'a' }],
    });
    expect(advance(toy, at('running', 0), told('a-done'))).toMatchObject({
      patienceMs: 120_000,
      timeline: [
        { what: 'done', step: 'a' },
        { what: 'asked', step: 'b' },
      ],
    });
  });

  it('tells of every asking which message asked', () => {
    const { send, timeline } = advance(toy, at('running', 0), told('a-done'))!;
    expect(timeline.filter(({ asks }) => asks).map(({ asks }) => asks)).toEqual([send.at(-1)]);
  });

  it('keeps the first reason, folds its state, and undoes in reverse', () => {
    const inputs = ['a-done', 'b-done', 'c-done', 'stop', 'c-undone', 'stop', 'a-undone'];
    const end = inputs.reduce(
      (instance, name) => advance(toy, instance, told(name))?.instance ?? instance,
      begin(toy, id).instance,
    );
    expect(end).toEqual({
      status: 'compensated',
      step: 0,
      reason: 'stopped',
      state: { log: ['a', 'b', 'c', 'unc', 'una'] },
      asks: 0,
      stuck: false,
    });
  });

  it('turns back when its pivot times out only if the pivot can be undone', () => {
    const pivot = { ...step('p', undoable('p')), pivot: true };
    const saga = { ...toy, steps: [pivot] };
    expect(advance(saga, at('running', 0), late('running', 0))?.instance.status).toBe('compensating');
  });

  it.each<[SagaStatus, number, boolean]>([
    ['running', 1, false],
    ['running', 3, true],
    ['running', 4, true],
    ['compensating', 0, true],
    ['completed', 5, false],
    ['compensated', 0, false],
  ])('%s at step %i must happen: %s', (status, step, must) => {
    expect(mustHappen(toy, at(status, step))).toBe(must);
    expect(advance(toy, at(status, step), { kind: 'resumed' }) !== undefined).toBe(must);
  });

  it.each([
    ['no pivot', [step('a')], /exactly one pivot/],
    ['two pivots', [step('a', { pivot: true }), step('b', { pivot: true })], /exactly one pivot/],
    [
      'an undo without an answer',
      [step('a', { undo: () => command('x').of(id) }), step('p', { pivot: true })],
      /without an answer/,
    ],
    ['two steps of one name', [step('a'), step('a', { pivot: true })], /two steps of one name/],
    ['a step that may fail after the pivot', [step('p', { pivot: true }), step('a', undoable('a'))], /after the pivot/],
  ])('is refused with %s', (_, wrong, message) => expect(() => defineSaga({ ...toy, steps: wrong })).toThrow(message));

  it('reads each event once', () => expect(new Set(EVENTS).size).toBe(EVENTS.length));
});

describe.each<[SagaStatus, number, string, string]>([
  ['running', 4, 'z-done', 'completed'],
  ['compensating', 0, 'a-undone', 'compensated'],
])('a saga that is %s at step %i without an answer', (status, step, answer, end) => {
  const patient = { ...toy, stuckAfter: 3 };
  const silences = (count: number, from = at(status, step)) =>
    Array.from({ length: count }).reduce<ReturnType<typeof advance<State>>>(
      (before) => advance(patient, before?.instance ?? from, late(status, step)),
      undefined,
    )!;

  it('is stuck once it has asked as often as its definition says, tells it once, and asks more slowly', () => {
    expect(silences(2).instance).toMatchObject({ asks: 3, stuck: false });
    const third = silences(3);
    expect(third.instance).toMatchObject({ status, asks: 4, stuck: true });
    expect(third.timeline.map(({ what }) => what)).toContain('stuck');
    expect(third.patienceMs).toBe(10 * silences(2).patienceMs!);
    expect(third.send).toHaveLength(1);
    const fourth = silences(4);
    expect(fourth.timeline.map(({ what }) => what)).not.toContain('stuck');
    expect(fourth).toMatchObject({ instance: { asks: 5, stuck: true }, patienceMs: third.patienceMs });
  });

  it('is not stuck any more with the answer', () => {
    const answered = advance(patient, silences(3).instance, told(answer))!;
    expect(answered.instance).toMatchObject({ status: end, asks: 0, stuck: false });
  });

  it('asks at once when it is resumed, and stays stuck until somebody answers', () => {
    const stuck = silences(3).instance;
    const resumed = advance(patient, stuck, { kind: 'resumed' })!;
    expect(resumed.instance).toMatchObject({ asks: 5, stuck: true });
    expect(resumed.send.map(({ contract }) => contract.name)).toEqual(
      silences(3).send.map(({ contract }) => contract.name),
    );
    expect(resumed.timeline[0]).toMatchObject({ what: 'resumed' });
    expect(advance(patient, at(status, step), { kind: 'resumed' })!.instance.stuck).toBe(false);
  });

  it('has five askings when its definition does not say', () => {
    const { stuckAfter: _, ...quiet } = patient;
    const asked = (asks: number) => advance(quiet, { ...at(status, step), asks }, late(status, step))!.instance.stuck;
    expect([asked(4), asked(5)]).toEqual([false, true]);
  });
});
