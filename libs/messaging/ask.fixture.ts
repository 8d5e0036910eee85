import type { Queries } from './queries.js';
import type { AnyQuery } from './query.js';

export type Outcome = { answer: unknown } | { name: string; message: string; more: object };

/** An answer, or all that can be told of an error. */
export async function outcome(queries: Queries, query: AnyQuery, input: unknown): Promise<Outcome> {
  try {
    return { answer: await queries.ask(query, input as never) };
  } catch (error) {
    const { name, message, ...more } = error as Error;
    return { name: (error as Error).name || name, message: (error as Error).message || message, more };
  }
}

/** Small, fast, and the same again for the same seed. */
export function dice(seed: number): (sides: number) => number {
  let state = seed;
  return (sides) => {
    state = (Math.imul(state ^ (state >>> 15), 0x2c1b3c6d) + 0x9e3779b9) | 0;
    return (state >>> 0) % sides;
  };
}
