/** No answer came before the deadline. The asker may try again: queries change nothing. */
export class QueryTimeout extends Error {
  override readonly name = 'QueryTimeout';

  constructor(
    readonly query: string,
    readonly deadlineMs: number,
  ) {
    super(`${query} was not answered within ${deadlineMs} ms`);
  }
}

/**
 * Nobody answers this query now. In one process a fault of composition, found at start by the boot check; between processes
 * also that all who answer it are away (the only one restarts), or that the asker's own connection is closed. The asker may
 * try again.
 */
export class QueryUnanswered extends Error {
  override readonly name = 'QueryUnanswered';

  constructor(readonly query: string) {
    super(`${query} has no answerer`);
  }
}

/** The answerer threw. Only its words cross the border. */
export class QueryFailed extends Error {
  override readonly name = 'QueryFailed';

  constructor(
    readonly query: string,
    readonly reason: string,
  ) {
    super(`${query} failed: ${reason}`);
  }
}
