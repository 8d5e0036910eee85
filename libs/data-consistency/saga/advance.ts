import type { Outgoing } from '@holdfast/messaging';
import { DEFAULT_PATIENCE_MS, pivotOf, type Reaction, type Saga, type Step } from './define-saga.js';

/** `running` forward, `compensating` backward, or at one of the two ends. */
export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated';

export interface SagaInstance<State = unknown> {
  readonly status: SagaStatus;
  /** The step being done, or being undone. */
  readonly step: number;
  readonly state: State;
  readonly reason?: string;
}

/** Something that happened to an instance. */
export type SagaInput =
  { kind: 'event'; type: string; data: unknown } | { kind: 'timeout'; status: SagaStatus; step: number };

/** What follows: the instance afterwards, what to send, how long to wait, and what to write into the timeline. */
export interface Advance<State> {
  readonly instance: SagaInstance<State>;
  readonly send: readonly Outgoing[];
  /** Milliseconds until a timeout; undefined ends the waiting. */
  readonly patienceMs?: number;
  readonly timeline: readonly string[];
}

/** The first move of a new instance. Pure. */
export function begin<State>(saga: Saga<State>, data: unknown): Advance<State> {
  const state = saga.starts.then(data, undefined);
  return enter(saga, { status: 'running', step: 0, state }, ['started']);
}

/** The next move of an instance, or undefined when the input changes nothing (late, repeated, of another branch). Pure. */
export function advance<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: SagaInput,
): Advance<State> | undefined {
  if (instance.status === 'running') return forward(saga, instance, input);
  if (instance.status === 'compensating') return backward(saga, instance, input);
  return undefined;
}

function forward<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: SagaInput,
): Advance<State> | undefined {
  const step = saga.steps[instance.step]!;
  const mayTurn = instance.step <= pivotOf(saga);
  if (input.kind === 'timeout') {
    if (input.status !== 'running' || input.step !== instance.step) return undefined;
    if (mayTurn && !(step.pivot && !step.undo))
      return turn(saga, instance, { reason: `${step.name} timed out`, undoFrom: instance.step });
    return { instance, send: [step.do(instance.state)], ...waiting(step), timeline: [`${step.name} asked for again`] };
  }
  if (matches(step.done, input)) {
    const state = step.done.then(input.data, instance.state);
    const next = enter(saga, { ...instance, state, step: instance.step + 1 }, [`${step.name} done`]);
    return { ...next, send: [...(step.tell?.(state) ?? []), ...next.send] };
  }
  if (matches(step.failed, input)) {
    return turn(saga, instance, { reason: step.failed!.then(input.data, instance.state), undoFrom: instance.step - 1 });
  }
  const interrupt = mayTurn ? saga.interrupts.find((candidate) => matches(candidate, input)) : undefined;
  return (
    interrupt && turn(saga, instance, { reason: interrupt.then(input.data, instance.state), undoFrom: instance.step })
  );
}

function enter<State>(saga: Saga<State>, instance: SagaInstance<State>, timeline: string[]): Advance<State> {
  const step = saga.steps[instance.step];
  if (!step) return { instance: { ...instance, status: 'completed' }, send: [], timeline: [...timeline, 'completed'] };
  return { instance, send: [step.do(instance.state)], ...waiting(step), timeline };
}

interface Turn {
  reason: string;
  /** The last step that may have had an effect. */
  undoFrom: number;
}

function turn<State>(saga: Saga<State>, instance: SagaInstance<State>, { reason, undoFrom }: Turn): Advance<State> {
  const turned: SagaInstance<State> = { ...instance, status: 'compensating', reason };
  const next = undo(saga, turned, { from: undoFrom, timeline: [`turned back: ${reason}`] });
  return { ...next, send: [...saga.turned(instance.state, reason), ...next.send] };
}

function backward<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: SagaInput,
): Advance<State> | undefined {
  const step = saga.steps[instance.step]!;
  if (input.kind === 'timeout') {
    if (input.status !== 'compensating' || input.step !== instance.step) return undefined;
    return {
      instance,
      send: [step.undo!(instance.state)],
      ...waiting(step),
      timeline: [`undoing ${step.name} asked for again`],
    };
  }
  if (!matches(step.undone, input)) return undefined;
  const state = step.undone!.then(input.data, instance.state);
  return undo(saga, { ...instance, state }, { from: instance.step - 1, timeline: [`${step.name} undone`] });
}

/** Goes back to the nearest step that has something to undo, or ends. */
function undo<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  { from, timeline }: { from: number; timeline: string[] },
): Advance<State> {
  const step = saga.steps.findLastIndex((candidate, index) => index <= from && candidate.undo !== undefined);
  if (step >= 0) {
    const { undo: takeBack } = saga.steps[step]!;
    return {
      instance: { ...instance, step },
      send: [takeBack!(instance.state)],
      ...waiting(saga.steps[step]!),
      timeline,
    };
  }
  const farewell = saga.compensated?.(instance.state, instance.reason ?? '');
  return {
    instance: { ...instance, step: 0, status: 'compensated' },
    send: farewell ? [farewell] : [],
    timeline: [...timeline, 'compensated'],
  };
}

function waiting<State>({ patienceMs = DEFAULT_PATIENCE_MS }: Step<State>): { patienceMs: number } {
  return { patienceMs };
}

function matches(reaction: Reaction<unknown> | undefined, input: { kind: 'event'; type: string }): boolean {
  return reaction?.event.type === input.type;
}
