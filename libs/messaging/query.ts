import type { Static, TObject } from 'typebox';
import { checker, contextOf } from './contract.js';

/** A question one context answers for others: schema of both sides, and how long an answer may take. */
export interface QueryContract<Input extends TObject = TObject, Output extends TObject = TObject> {
  readonly kind: 'query';
  readonly name: string;
  /** The context that answers. */
  readonly context: string;
  readonly version: number;
  readonly type: string;
  readonly input: Input;
  readonly output: Output;
  /** Milliseconds the asker waits at most. */
  readonly deadlineMs: number;
  assertInput(input: unknown): void;
  assertOutput(output: unknown): void;
}

/** Longest wait for an answer, milliseconds: a broker lets one be given for so long, and answerers remember no longer. */
export const LONGEST_DEADLINE_MS = 60_000;

/** Any query, whatever is asked and answered. */
// oxlint-disable-next-line typescript/no-explicit-any -- any query whatever it asks and answers
export type AnyQuery = QueryContract<any, any>;
/** What is asked. */
export type InputOf<Query extends AnyQuery> = Static<Query['input']>;
/** What is answered. */
export type OutputOf<Query extends AnyQuery> = Static<Query['output']>;

interface QueryDeclaration<Input extends TObject, Output extends TObject> {
  input: Input;
  output: Output;
  deadlineMs?: number;
}

/**
 * Declares a query across contexts. Queries are idempotent by definition: asking twice changes nothing.
 * Prefer a local copy fed by events; ask only for what must not be copied.
 *
 * @param name `<answering context>.<what is asked>`: `accounts.postal-address`.
 * @param declaration.deadlineMs Milliseconds, default 1,000, at most {@link LONGEST_DEADLINE_MS}.
 * @throws Error when name or version are not of that form, or the deadline is not a positive number, or a longer one.
 * @example
 * export const PostalAddress = defineQuery('accounts.postal-address', 1, {
 *   input: Type.Object({ accountId: Uuid }), output: Type.Object({ city: Type.String() }), deadlineMs: 500,
 * });
 */
export function defineQuery<Input extends TObject, Output extends TObject>(
  name: string,
  version: number,
  { input, output, deadlineMs = 1_000 }: QueryDeclaration<Input, Output>,
): QueryContract<Input, Output> {
  const type = `${name}.v${version}`;
  if (!(deadlineMs > 0 && deadlineMs <= LONGEST_DEADLINE_MS))
    throw new Error(`Query ${name}: a deadline of ${deadlineMs} ms cannot be kept, at most ${LONGEST_DEADLINE_MS}`);
  const checkInput = checker(`${type} input`, input);
  const checkOutput = checker(`${type} output`, output);
  return Object.freeze({
    kind: 'query',
    name,
    context: contextOf(name, version),
    version,
    type,
    input,
    output,
    deadlineMs,
    assertInput: (value: unknown) => checkInput(value),
    assertOutput: (value: unknown) => checkOutput(value),
  }) as QueryContract<Input, Output>;
}
