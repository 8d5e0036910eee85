import { setTimeout as pause } from 'node:timers/promises';

interface Patience {
  /** What is waited for, for the message. */
  what: string | (() => string);
  withinMs?: number;
  everyMs?: number;
}

/** Asks again and again until the answer is truthy, and returns it; fails with a message when the time is over. */
export async function eventually<T>(
  ask: () => Promise<T> | T,
  { what, withinMs = 15_000, everyMs = 25 }: Patience,
): Promise<NonNullable<T>> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() >= deadline) {
      throw new Error(`Not within ${withinMs} ms: ${typeof what === 'string' ? what : what()}`);
    }
    await pause(everyMs);
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
