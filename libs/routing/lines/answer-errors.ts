/** The bytes that came are not an answer, or could be read in two ways. */
export class AnswerUnreadable extends Error {
  override readonly name = 'AnswerUnreadable';
  readonly code = 'ANSWER_UNREADABLE';

  constructor(what: string) {
    super(`The answer is not HTTP/1.1: ${what}.`);
  }
}

/** The other side was silent for too long. */
export class AnswerLate extends Error {
  override readonly name = 'AnswerLate';
  readonly code = 'ANSWER_TIMEOUT';

  constructor(ms: number) {
    super(`Nothing came for ${ms} ms.`);
  }
}

/** The connection ended before the answer did. */
export class AnswerLost extends Error {
  override readonly name = 'AnswerLost';
  readonly code = 'ANSWER_LOST';

  constructor(cause?: unknown) {
    super('The connection ended before the answer did.', { cause });
  }
}
