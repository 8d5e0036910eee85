/** A domain event as a union member: what happened, and its data. Private to its context. */
export interface Fact {
  readonly type: string;
  readonly data: object;
}

/** Turns the stored data of an older version of a fact into the next version's. Pure. */
export type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

/** When a stream's state is kept beside its facts, so that a load need not fold them all. */
export interface SnapshotPolicy<State = unknown> {
  /** Facts a load folds before it leaves a newer snapshot behind. */
  readonly every: number;
  /** Of the state's shape and meaning; a snapshot of another version is not looked at. */
  readonly version: number;
  readonly restore: (json: unknown) => State;
}

/** A kind of event-sourced aggregate: how its state follows from its facts. */
export interface Stream<F extends Fact = Fact, State = unknown> {
  readonly name: string;
  readonly initial: State;
  // oxlint-disable-next-line typescript/no-explicit-any -- parameters are contravariant: any stream whatever its facts
  readonly evolve: (state: any, fact: any) => State;
  /** Current version of each fact type that is not at version 1, with the steps that lift older data: index 0 lifts 1 → 2. */
  readonly upcasters: Readonly<Record<string, readonly Upcaster[]>>;
  readonly snapshots?: SnapshotPolicy<State>;
  readonly fact?: F;
}

/** The facts of a stream, as a union. */
export type FactOf<S extends Stream> = S extends Stream<infer F> ? F : never;
/** The state that follows from the facts of a stream. */
export type StateOf<S extends Stream> = S extends Stream<Fact, infer State> ? State : never;

interface StreamDeclaration<F extends Fact, State> {
  /** The state before anything happened. */
  initial: State;
  /** The state after one more fact; pure, and total over every fact ever stored. */
  evolve: (state: State, fact: F) => State;
  upcasters?: Readonly<Record<string, readonly Upcaster[]>>;
  /**
   * Facts after which a load keeps the state, so that the next one starts there. Default: never. Worth it from some
   * hundred facts per stream; the state must survive JSON, or no snapshot is taken.
   */
  snapshotEvery?: number;
  /** Count it up whenever `evolve` or the state changes: older snapshots are then ignored. Needed with `snapshotEvery`. */
  snapshotVersion?: number;
  /** Reads a state back from its JSON; throws when it is not one, and the facts are folded instead. Default: as it is. */
  restoreSnapshot?: (json: unknown) => State;
}

/**
 * Declares an event stream type.
 *
 * @param name Singular and stable, it is stored: `account`.
 * @throws Error when `snapshotEvery` has no `snapshotVersion`, or one of them is no whole number above 0
 * @example
 * export const accountStream = defineStream<AccountFact, Account>('account', {
 *   initial: noAccount, evolve, snapshotEvery: 200, snapshotVersion: 1,
 * });
 */
export function defineStream<F extends Fact, State>(
  name: string,
  { initial, evolve, upcasters = {}, ...snapshot }: StreamDeclaration<F, State>,
): Stream<F, State> {
  const snapshots = snapshotPolicy(name, snapshot);
  return Object.freeze({ name, initial, evolve, upcasters, ...(snapshots && { snapshots }) });
}

type SnapshotSettings<State> = Pick<
  StreamDeclaration<Fact, State>,
  'snapshotEvery' | 'snapshotVersion' | 'restoreSnapshot'
>;

function snapshotPolicy<State>(
  name: string,
  { snapshotEvery, snapshotVersion, restoreSnapshot }: SnapshotSettings<State>,
): SnapshotPolicy<State> | undefined {
  if (snapshotEvery === undefined) return undefined;
  if (!isCount(snapshotEvery) || !isCount(snapshotVersion)) {
    throw new Error(`Stream ${name}: snapshotEvery and snapshotVersion are both whole numbers above 0`);
  }
  return { every: snapshotEvery, version: snapshotVersion, restore: restoreSnapshot ?? ((json) => json as State) };
}

function isCount(value: number | undefined): value is number {
  return Number.isInteger(value) && Number(value) > 0;
}
