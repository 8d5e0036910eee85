import type { Answer } from './client.js';
import { eventually } from './eventually.js';

/**
 * What a good client does: sends the same request (with the same Idempotency-Key) again while nobody answers, or somebody
 * asks to come back later, and takes any other answer as final.
 */
export function persistently<Body>(
  wanted: number | readonly number[],
  send: () => Promise<Answer<Body>>,
  withinMs = 60_000,
): Promise<NonNullable<Body>> {
  let last = 'nothing';
  return eventually(
    async () => {
      const answer = await send().catch((error: Error) => {
        last = String(error.cause ?? error);
      });
      if (!answer) return undefined;
      if ([wanted].flat().includes(answer.status)) return answer.body;
      last = `${answer.status} ${answer.text.slice(0, 300)}`;
      const again = [429, 502, 503, 504].includes(answer.status) || answer.headers.has('retry-after');
      if (!again) throw new Error(`Expected ${String(wanted)}, got ${last}`);
      return undefined;
    },
    { what: () => `an answer ${String(wanted)}; the last one was ${last}`, withinMs, everyMs: 50 },
  );
}
