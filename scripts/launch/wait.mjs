import { setTimeout as pause } from 'node:timers/promises';

/**
 * Asks `condition` again and again until it answers something truthy, and returns that.
 * @param {() => unknown} condition
 * @param {{ withinMs: number, everyMs?: number }} limits everyMs defaults to 25
 * @returns {Promise<unknown>} undefined when the time is over
 */
export async function until(condition, { withinMs, everyMs = 25 }) {
  const deadline = performance.now() + withinMs;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (performance.now() >= deadline) return undefined;
    await pause(everyMs);
  }
}
