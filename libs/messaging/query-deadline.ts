import { AsyncLocalStorage } from 'node:async_hooks';

/** When the question under way must be answered, on the clock of `performance.now()`. */
const ends = new AsyncLocalStorage<number>();

/** Milliseconds that what is asked now may take, at most `deadlineMs`; 0 or less when the time is over. */
export function remaining(deadlineMs: number): number {
  const end = ends.getStore();
  return end === undefined ? deadlineMs : Math.min(deadlineMs, Math.floor(end - performance.now()));
}

/** What is asked while `work` is under way, and after it, gets only the time until `end`. */
export function until<R>(end: number, work: () => R): R {
  return ends.run(end, work);
}

/** As {@link until}, for the rest of the work that is under way: dearer to enter than to stay in. */
export function untilInstead(end: number): void {
  if (ends.getStore() !== end) ends.enterWith(end);
}
