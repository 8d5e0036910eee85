import type { AnyContract, CommandContract, DataOf, EventContract, Outgoing } from '@holdfast/messaging';

/** What a saga makes of an event it reads. */
export interface Reaction<Result> {
  readonly event: EventContract;
  // oxlint-disable-next-line typescript/no-explicit-any -- the data is typed by `on`, stored here without it
  readonly then: (data: any, state: any) => Result;
}

/**
 * Pairs an event with what follows from it.
 *
 * @example on(TransferRefused, ({ reason }) => `transfer refused: ${reason}`)
 */
export function on<Contract extends EventContract, State, Result>(
  event: Contract,
  then: (data: DataOf<Contract>, state: State) => Result,
): Reaction<Result> {
  // oxlint-disable-next-line unicorn/no-thenable -- nobody awaits a reaction
  return { event, then };
}

/** One step and its way back, side by side. */
export interface Step<State> {
  readonly name: string;
  /** Asks for the step; repeated after a timeout past the pivot, so the command must be idempotent. */
  readonly do: (state: State) => Outgoing<CommandContract>;
  /** The step is done; gives the next state. */
  readonly done: Reaction<State>;
  /** The step did not happen; gives the reason, and everything before it is undone. */
  readonly failed?: Reaction<string>;
  /** Commands sent once the step is done, with no answer expected. */
  readonly tell?: (state: State) => readonly Outgoing<CommandContract>[];
  /** Takes the step back, also when its outcome is not known yet; answered by `undone`. */
  readonly undo?: (state: State) => Outgoing<CommandContract>;
  readonly undone?: Reaction<State>;
  /**
   * The point of no return: before it everything can be undone, after it everything is done, however long it takes. A pivot
   * without an undo is asked for again when it times out: it may have happened, so nothing may be taken back on a guess.
   */
  readonly pivot?: boolean;
  /**
   * Milliseconds until it counts as failed (before the pivot, and a pivot that has an undo) or is asked for again (a pivot without
   * one, after it, and when undoing); default 120,000.
   */
  readonly patienceMs?: number;
  /** Milliseconds until its undo is asked for again; default as long as the step may take. */
  readonly undoPatienceMs?: number;
}

/** A process across contexts as a value: what starts it, and its steps in order. */
export interface Saga<State = unknown> {
  readonly name: string;
  /** Running instances keep the version they started with. */
  readonly version: number;
  readonly starts: Reaction<State>;
  readonly steps: readonly Step<State>[];
  /** Events that turn the saga back at any moment before the pivot is done; each gives the reason. */
  readonly interrupts: readonly Reaction<string>[];
  /** Sent when the saga turns back, before anything is undone. */
  readonly turned: (state: State, reason: string) => readonly Outgoing<CommandContract>[];
  /** Emitted when everything is undone. */
  readonly compensated?: (state: State, reason: string) => Outgoing<EventContract>;
  /**
   * How often a step that must happen (at or after a pivot that cannot be undone, or an undo) is asked for without an answer
   * before the instance counts as stuck: an alarm is raised, and it asks more slowly from then on. Default 5.
   */
  readonly stuckAfter?: number;
}

/** How long a step may take when it does not say. */
export const DEFAULT_PATIENCE_MS = 120_000;

/** With the default patience: ten minutes of silence. */
export const DEFAULT_STUCK_AFTER = 5;

/**
 * Declares a saga: a business transaction over several contexts as a list of steps, each with its compensation. Its instance
 * is keyed by the starting event's ordering key, which every event it reads must share.
 *
 * @throws Error when a step after the pivot could fail, an undo has no answer, two steps have one name, or there is not
 *   exactly one pivot
 * @see Garcia-Molina & Salem, "Sagas", SIGMOD 1987; the pivot after Mehrotra et al., ICDE 1992
 * @example
 * export const transfer = defineSaga<Transfer>({
 *   name: 'transfer',
 *   version: 1,
 *   starts: on(TransferAsked, (asked) => asked),
 *   steps: [
 *     {
 *       name: 'hold money',
 *       do: ({ transferId, from, amount }) => HoldMoney.of({ transferId, account: from, amount }),
 *       done: on(MoneyHeld, (_, transfer) => transfer),
 *       failed: on(HoldRefused, ({ reason }) => reason),
 *       undo: ({ transferId }) => ReleaseMoney.of({ transferId }),
 *       undone: on(MoneyReleased, (_, transfer) => transfer),
 *       patienceMs: 10_000,
 *     },
 *     {
 *       name: 'pay out',
 *       pivot: true,
 *       do: ({ transferId, to, amount }) => PayOut.of({ transferId, account: to, amount }),
 *       done: on(PaidOut, (_, transfer) => transfer),
 *     },
 *   ],
 *   interrupts: [on(TransferCancelled, () => 'cancelled')],
 *   turned: ({ transferId }, reason) => [RefuseTransfer.of({ transferId, reason })],
 * });
 */
export function defineSaga<State>(saga: Saga<State>): Saga<State> {
  const pivot = pivotOf(saga);
  if (saga.steps.filter((step) => step.pivot).length !== 1)
    throw new Error(`Saga ${saga.name} needs exactly one pivot`);
  if (new Set(saga.steps.map(({ name }) => name)).size < saga.steps.length)
    throw new Error(`Saga ${saga.name} has two steps of one name: a timeline could not tell them apart`);
  saga.steps.forEach((step, index) => {
    if (step.undo && !step.undone)
      throw new Error(`Saga ${saga.name}: ${step.name} has an undo without an answer to it`);
    if (index > pivot && (step.failed || step.undo))
      throw new Error(`Saga ${saga.name}: ${step.name} is after the pivot and may neither fail nor be undone`);
  });
  return Object.freeze(saga);
}

/** Index of the point of no return. */
export function pivotOf(saga: { steps: readonly { pivot?: boolean }[] }): number {
  return saga.steps.findIndex((step) => step.pivot);
}

/** Every event a saga reads, each once. */
export function eventsOf<State>(saga: Saga<State>): AnyContract[] {
  const reactions = [
    saga.starts,
    ...saga.interrupts,
    ...saga.steps.flatMap(({ done, failed, undone }) => [done, failed, undone]),
  ].filter((reaction) => reaction !== undefined);
  return [...new Set(reactions.map(({ event }) => event))];
}
