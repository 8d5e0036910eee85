import type { CommandContract, Outgoing } from '@holdfast/messaging';
import {
  DEFAULT_PATIENCE_MS,
  DEFAULT_STUCK_AFTER,
  pivotOf,
  type Reaction,
  type Saga,
  type Step,
} from './define-saga.js';
import type { Happening, TimelineEntry } from './timeline.js';

/** `running` forward, `compensating` backward, or at one of the two ends. */
export type SagaStatus = 'running' | 'compensating' | 'completed' | 'compensated';

/** One run of a saga: where it stands and what it knows. */
export interface SagaInstance<State = unknown> {
  readonly status: SagaStatus;
  /** The step being done, or being undone. */
  readonly step: number;
  readonly state: State;
  readonly reason?: string;
  /** How often the step was asked for (or its undo) since the last answer. */
  readonly asks: number;
  /** Asked for too often without an answer: somebody has to look. Ends with the next answer. */
  readonly stuck: boolean;
}

/** Something that happened to an instance. `resumed`: an operator wants it asked again now. */
export type SagaInput =
  | { kind: 'event'; type: string; data: unknown }
  | { kind: 'timeout'; status: SagaStatus; step: number }
  | { kind: 'resumed' };

/** What follows: the instance afterwards, what to send, how long to wait, and what to write into the timeline. */
export interface Advance<State> {
  readonly instance: SagaInstance<State>;
  readonly send: readonly Outgoing[];
  /** Milliseconds until a timeout; undefined ends the waiting. */
  readonly patienceMs?: number;
  readonly timeline: readonly TimelineEntry[];
}

/** A stuck instance asks at a tenth of its pace: it still finds out by itself when the neighbour is back. */
const STUCK_PATIENCE = 10;

/** The first move of a new instance. Pure. */
export function begin<State>(saga: Saga<State>, data: unknown): Advance<State> {
  const state = saga.starts.then(data, undefined);
  return enter(saga, { status: 'running', step: 0, state, asks: 0, stuck: false }, [{ what: 'started' }]);
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

/** Whether what the instance waits for is asked for again when no answer comes, because it must happen. */
export function mustHappen<State>(saga: Saga<State>, { status, step }: SagaInstance<State>): boolean {
  if (status === 'compensating') return true;
  if (status !== 'running') return false;
  const pivot = pivotOf(saga);
  return step > pivot || (step === pivot && saga.steps[step]!.undo === undefined);
}

function forward<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: SagaInput,
): Advance<State> | undefined {
  const step = saga.steps[instance.step]!;
  if (input.kind !== 'event') return unanswered(saga, instance, input);
  if (matches(step.done, input)) {
    const state = step.done.then(input.data, instance.state);
    const done: TimelineEntry = { what: 'done', step: step.name };
    const next = enter(saga, { ...instance, state, step: instance.step + 1 }, [done]);
    return { ...next, send: [...(step.tell?.(state) ?? []), ...next.send] };
  }
  if (matches(step.failed, input)) {
    const reason = step.failed!.then(input.data, instance.state);
    return turn(saga, instance, { what: 'failed', step: step.name, reason, undoFrom: instance.step - 1 });
  }
  if (instance.step > pivotOf(saga)) return undefined;
  const interrupt = saga.interrupts.find((candidate) => matches(candidate, input));
  if (!interrupt) return undefined;
  const reason = interrupt.then(input.data, instance.state);
  return turn(saga, instance, { what: 'interrupted', step: step.name, reason, undoFrom: instance.step });
}

function backward<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: SagaInput,
): Advance<State> | undefined {
  const step = saga.steps[instance.step]!;
  if (input.kind !== 'event') return unanswered(saga, instance, input);
  if (!matches(step.undone, input)) return undefined;
  const state = step.undone!.then(input.data, instance.state);
  return undo(saga, { ...instance, state }, instance.step - 1, [{ what: 'undone', step: step.name }]);
}

/** No answer came in time, or an operator does not want to wait for it. */
function unanswered<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  input: Exclude<SagaInput, { kind: 'event' }>,
): Advance<State> | undefined {
  const { name } = saga.steps[instance.step]!;
  const late = input.kind === 'timeout';
  if (late && (input.status !== instance.status || input.step !== instance.step)) return undefined;
  if (mustHappen(saga, instance)) return askAgain(saga, instance, late ? 'timed out' : 'resumed');
  if (!late) return undefined;
  return turn(saga, instance, {
    what: 'timed out',
    step: name,
    reason: `${name} timed out`,
    undoFrom: instance.step,
  });
}

function askAgain<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  because: 'timed out' | 'resumed',
): Advance<State> {
  const step = saga.steps[instance.step]!;
  const stuck =
    instance.stuck || (because === 'timed out' && instance.asks >= (saga.stuckAfter ?? DEFAULT_STUCK_AFTER));
  const asks = commandOf(step, instance);
  return {
    instance: { ...instance, asks: instance.asks + 1, stuck },
    send: [asks],
    patienceMs: patienceOf(step, instance) * (stuck ? STUCK_PATIENCE : 1),
    timeline: [
      { what: because, step: step.name },
      ...(stuck && !instance.stuck ? [{ what: 'stuck', step: step.name } as const] : []),
      { what: instance.status === 'running' ? 'asked again' : 'undo asked again', step: step.name, asks },
    ],
  };
}

/** Goes on to a step, or ends. */
function enter<State>(saga: Saga<State>, instance: SagaInstance<State>, timeline: TimelineEntry[]): Advance<State> {
  const step = saga.steps[instance.step];
  if (step) return asking(step, instance, timeline);
  return {
    instance: { ...instance, status: 'completed', ...ANSWERED },
    send: [],
    timeline: [...timeline, { what: 'completed' }],
  };
}

interface Turn {
  what: Happening;
  step: string;
  reason: string;
  /** The last step that may have had an effect. */
  undoFrom: number;
}

function turn<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  { what, step, reason, undoFrom }: Turn,
): Advance<State> {
  const turned: SagaInstance<State> = { ...instance, status: 'compensating', reason };
  const next = undo(saga, turned, undoFrom, [
    { what, step },
    { what: 'turned back', detail: reason },
  ]);
  return { ...next, send: [...saga.turned(instance.state, reason), ...next.send] };
}

/** Goes back to the nearest step that has something to undo, or ends. */
function undo<State>(
  saga: Saga<State>,
  instance: SagaInstance<State>,
  from: number,
  timeline: TimelineEntry[],
): Advance<State> {
  const index = saga.steps.findLastIndex((candidate, at) => at <= from && candidate.undo !== undefined);
  if (index >= 0) return asking(saga.steps[index]!, { ...instance, step: index }, timeline);
  const farewell = saga.compensated?.(instance.state, instance.reason ?? '');
  return {
    instance: { ...instance, step: 0, status: 'compensated', ...ANSWERED },
    send: farewell ? [farewell] : [],
    timeline: [...timeline, { what: 'compensated' }],
  };
}

const ANSWERED = { asks: 0, stuck: false } as const;

/** Asks for a step, or for its undo, for the first time. */
function asking<State>(step: Step<State>, instance: SagaInstance<State>, timeline: TimelineEntry[]): Advance<State> {
  const asks = commandOf(step, instance);
  const what = instance.status === 'running' ? 'asked' : 'undo asked';
  return {
    instance: { ...instance, asks: 1, stuck: false },
    send: [asks],
    patienceMs: patienceOf(step, instance),
    timeline: [...timeline, { what, step: step.name, asks }],
  };
}

function commandOf<State>(step: Step<State>, { status, state }: SagaInstance<State>): Outgoing<CommandContract> {
  return status === 'running' ? step.do(state) : step.undo!(state);
}

function patienceOf<State>(step: Step<State>, { status }: SagaInstance<State>): number {
  const { patienceMs = DEFAULT_PATIENCE_MS, undoPatienceMs = patienceMs } = step;
  return status === 'running' ? patienceMs : undoPatienceMs;
}

function matches(reaction: Reaction<unknown> | undefined, input: { kind: 'event'; type: string }): boolean {
  return reaction?.event.type === input.type;
}
