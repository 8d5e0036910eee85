import { NotHere, type MessageHandler } from './handler.js';
import type { ClaimedMessage } from './inbox-queue.js';

/** No code here handles this message. */
export class Unhandled extends NotHere {}

/** It was begun again and again, and no attempt came to an end. */
class NeverEnded extends Error {
  override readonly name = 'NeverEnded';

  constructor(times: number) {
    super(
      `begun ${times} times without an end: its handler may be what ended the process, or lost its lease each time`,
    );
  }
}

/**
 * Attempts beyond those of its handler that may end without a word, with their process or their lease. Who has used them up ends
 * every process that tries it.
 */
const UNENDED_ATTEMPTS = 10;

/** @throws NeverEnded when it has been begun so often that one more would end another process */
export function assertEnds({ attempts }: ClaimedMessage, { maxAttempts }: MessageHandler): void {
  if (attempts > maxAttempts + UNENDED_ATTEMPTS) throw new NeverEnded(attempts - 1);
}

const LONGEST_CAUSE = 500;

/** What went wrong, as the inbox keeps it. */
export function causeOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, LONGEST_CAUSE).replaceAll('\0', '').toWellFormed(); // or PostgreSQL would not store it
}
