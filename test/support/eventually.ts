import { setTimeout as pause } from 'node:timers/promises';

interface Patience {
  /** What is waited for, for the message. */
  what: string | (() => string);
  withinMs?: number;
  /** Default: a quarter of what was waited so far. Soon over is soon noticed, and what takes long is not slowed down by asking. */
  everyMs?: number;
}

const SOONEST_MS = 20;
const LATEST_MS = 150;

/** Asks again and again until the answer is truthy, and returns it; fails with a message when the time is over. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  { what, withinMs = 15_000, everyMs }: Patience,
): Promise<NonNullable<T>> {
  const began = performance.now();
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    const waited = performance.now() - began;
    if (waited >= withinMs) {
      throw new Error(`Not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await pause(everyMs ?? Math.min(LATEST_MS, Math.max(SOONEST_MS, waited / 5)));
  }
}

/** Runs `work` over `items`, at most `atOnce` at the same time, and gives the results in order. */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  atOnce: number,
  work: (item: Item, index: number) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  let next = 0;
  const worker = async () => {
    for (let index = next++; index < items.length; index = next++) results[index] = await work(items[index]!, index);
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, items.length) }, worker));
  return results;
}
