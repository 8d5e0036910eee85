import type { Undecided } from './provider.js';

/** Nobody can tell yet what became of a call. The message is retried, and a retry asks before it calls. */
export class OutcomeUnknown extends Error {
  override readonly name = 'OutcomeUnknown';
}

/** The provider will never do what we need done. A person has to look. */
export class ProviderRefused extends Error {
  override readonly name = 'ProviderRefused';
}

type Decided<Answer extends { kind: string }> = Exclude<Answer, { kind: 'unknown' | 'never-seen' }>;

/**
 * Asks first, also the first time: after a crash between call and record a first attempt cannot be told from a second.
 * What was never seen is called with its one key; what the call leaves open is asked for once more.
 */
export async function askThenCall<Answer extends { kind: string } | Undecided>(
  ask: () => Promise<Answer>,
  call: () => Promise<Answer>,
): Promise<Decided<Answer>> {
  const known = await ask();
  if (known.kind !== 'never-seen') return decided(known);
  const answer = await call();
  return decided(answer.kind === 'unknown' ? await ask() : answer);
}

export function decided<Answer extends { kind: string } | Undecided>(answer: Answer): Decided<Answer> {
  if (answer.kind === 'unknown')
    throw new OutcomeUnknown(`The provider does not say: ${(answer as { because: string }).because}`);
  if (answer.kind === 'never-seen') throw new OutcomeUnknown('The provider has not seen the call that was just made');
  return answer as Decided<Answer>;
}

const SHORTEST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 60_000;

/** Milliseconds after which to ask again about what is pending: the wait doubles with the age of the request. */
export function askAgainAfter(now: Date, requestedAt: string): number {
  const age = now.getTime() - Date.parse(requestedAt);
  return Math.min(LONGEST_WAIT_MS, Math.max(SHORTEST_WAIT_MS, age));
}
