/** A domain event as a union member: what happened, and its data. Private to its context. */
export interface Fact {
  readonly type: string;
  readonly data: object;
}

/** Turns the stored data of an older version of a fact into the next version's. Pure. */
export type Upcaster = (data: Record<string, unknown>) => Record<string, unknown>;

/** A kind of event-sourced aggregate: how its state follows from its facts. */
export interface Stream<F extends Fact = Fact, State = unknown> {
  readonly name: string;
  readonly initial: State;
  // oxlint-disable-next-line typescript/no-explicit-any -- parameters are contravariant: any stream whatever its facts
  readonly evolve: (state: any, fact: any) => State;
  /** Current version of each fact type that is not at version 1, with the steps that lift older data: index 0 lifts 1 → 2. */
  readonly upcasters: Readonly<Record<string, readonly Upcaster[]>>;
  readonly fact?: F;
}

export type FactOf<S extends Stream> = S extends Stream<infer F> ? F : never;
export type StateOf<S extends Stream> = S extends Stream<Fact, infer State> ? State : never;

interface StreamDeclaration<F extends Fact, State> {
  /** The state before anything happened. */
  initial: State;
  /** The state after one more fact; pure, and total over every fact ever stored. */
  evolve: (state: State, fact: F) => State;
  upcasters?: Readonly<Record<string, readonly Upcaster[]>>;
}

/**
 * Declares an event stream type.
 *
 * @param name Singular and stable, it is stored: `account`.
 * @example
 * export const accountStream = defineStream<AccountFact, Account>('account', { initial: noAccount, evolve });
 */
export function defineStream<F extends Fact, State>(
  name: string,
  { initial, evolve, upcasters = {} }: StreamDeclaration<F, State>,
): Stream<F, State> {
  return Object.freeze({ name, initial, evolve, upcasters });
}
