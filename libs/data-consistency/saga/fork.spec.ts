import { Type, defineCommand, defineEvent } from '@holdfast/messaging';
import type { SagaInput } from './advance.js';
import { defineSaga, on, type Saga, type Step } from './define-saga.js';
import { NoSuchStep, fork, type RecordedInput } from './fork.js';

const schema = Type.Object({ id: Type.String(), n: Type.Optional(Type.Integer()) });
const event = (name: string) => defineEvent(`toy.${name}`, 1, schema, { key: 'id' });
const command = (name: string) => defineCommand(`toy.${name}`, 1, schema, { key: 'id' });

interface State {
  sum: number;
}
const step = (name: string, more: Partial<Step<State>> = {}): Step<State> => ({
  name,
  do: ({ sum }) => command(`do-${name}`).of({ id: 'x', n: sum }),
  done: on(event(`${name}-done`), ({ n = 0 }, { sum }: State) => ({ sum: sum + n })),
  ...more,
});
const saga = (version: number, steps: Step<State>[]) =>
  defineSaga<State>({
    name: 'toy',
    version,
    starts: on(event('started'), ({ n = 0 }) => ({ sum: n })),
    steps,
    interrupts: [],
    turned: () => [command('turned').of({ id: 'x' })],
  }) as Saga;

const failing = { failed: on(event('p-failed'), () => 'p failed') };
const v1 = saga(1, [step('a'), step('p', { pivot: true, ...failing }), step('z')]);
const v2 = saga(2, [step('a'), step('check'), step('p', { pivot: true, ...failing }), step('z')]);

const told = (name: string, n: number): RecordedInput => ({
  messageId: name,
  input: { kind: 'event', type: `toy.${name}.v1`, data: { id: 'x', n } },
});
const late = (at: number): SagaInput => ({ kind: 'timeout', status: 'running', step: at });
const inputs = [told('started', 1), told('a-done', 10), told('p-done', 100), told('z-done', 1_000)];
const sent = (forked: ReturnType<typeof fork>) =>
  forked.messages.map(({ type, data, causedBy }) => [
    type.slice(4, -3),
    (data as { n?: number }).n,
    ...(causedBy ? [causedBy] : []),
  ]);

describe('a fork', () => {
  it('tells what would have been sent from the step on, and how it would have ended', () => {
    const forked = fork({ original: v1, onto: v1, step: 'p', inputs });
    expect(sent(forked)).toEqual([
      ['do-p', 11, 'a-done'],
      ['do-z', 111, 'p-done'],
    ]);
    expect(forked.instance).toMatchObject({ status: 'completed', state: { sum: 1_111 } });
    expect(forked).toMatchObject({ step: 'p', version: 1, ignored: [] });
  });

  it('from the first step has everything', () => {
    expect(sent(fork({ original: v1, onto: v1, step: 'a', inputs })).map(([name]) => name)).toEqual([
      'do-a',
      'do-p',
      'do-z',
    ]);
  });

  it('onto another version waits where that one asks for more, and says what it could not use', () => {
    const onto2 = fork({ original: v1, onto: v2, step: 'a', inputs });
    expect(sent(onto2).map(([name]) => name)).toEqual(['do-a', 'do-check']);
    expect(onto2.instance).toMatchObject({ status: 'running', step: 1 });
    expect(onto2.ignored).toEqual(['p-done', 'z-done']);
    expect(fork({ original: v1, onto: v2, step: 'p', inputs }).instance).toMatchObject({
      status: 'completed',
      step: 4,
    });
  });

  it('replays timers and what an operator did, also where the step has another place', () => {
    const silent = [...inputs.slice(0, 3), { messageId: 't', input: late(2) }, { input: { kind: 'resumed' } as const }];
    for (const onto of [v1, v2]) {
      const forked = fork({ original: v1, onto, step: 'z', inputs: silent });
      expect(sent(forked)).toEqual([
        ['do-z', 111, 'p-done'],
        ['do-z', 111, 't'],
        ['do-z', 111],
      ]);
      expect(forked.instance.asks).toBe(3);
    }
  });

  it('goes back like the original', () => {
    const forked = fork({ original: v1, onto: v1, step: 'p', inputs: [...inputs.slice(0, 2), told('p-failed', 0)] });
    expect(sent(forked).map(([name]) => name)).toEqual(['do-p', 'turned']);
    expect(forked.instance).toMatchObject({ status: 'compensated', reason: 'p failed' });
  });

  it.each([
    ['nobody knows', 'q', inputs],
    ['it never came to', 'z', inputs.slice(0, 2)],
    ['of an instance that never began', 'a', []],
  ])('from a step that %s is refused', (_, name, some) => {
    expect(() => fork({ original: v1, onto: v1, step: name, inputs: some })).toThrow(NoSuchStep);
  });
});
