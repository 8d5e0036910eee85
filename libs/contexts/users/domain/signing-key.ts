const DAY_SECONDS = 86_400;

/** Longer than any edge goes without reading the published keys again. */
const KNOWN_EVERYWHERE_AFTER_SECONDS = 900;

interface Aged {
  readonly ageSeconds: number;
}

export interface Generation extends Aged {
  readonly generation: number;
}

/** The generation to make now, if any: the first, or the next when the newest has signed long enough. */
export function dueGeneration(newest: Generation | undefined, signingKeyDays: number): number | undefined {
  if (!newest) return 1;
  return newest.ageSeconds >= signingKeyDays * DAY_SECONDS ? newest.generation + 1 : undefined;
}

/** Newest key first in, signing key first out: a new key is published before it signs, and an old one after. */
export function signingFirst<Key extends Aged>(keys: readonly Key[]): Key[] {
  const [newest, previous] = keys;
  if (!newest) return [];
  if (!previous) return [newest];
  return newest.ageSeconds < KNOWN_EVERYWHERE_AFTER_SECONDS ? [previous, newest] : [newest, previous];
}
