/** Holds an answer back, or breaks it off. */
export interface AnswerControl {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}

/** Takes one answer as it comes: perhaps `waits`, then `begun`, `head`, any number of `data`, then `end` or `failed`. */
export interface AnswerHandler {
  /** No connection is free yet. Until the request has begun, `abort` takes it out of the queue. */
  waits(control: AnswerControl): void;
  /** The request is about to be written. */
  begun(control: AnswerControl): void;
  /** @param headers names and values in turn */
  head(status: number, reason: string, headers: readonly string[]): void;
  data(chunk: Buffer): void;
  /** @param last the rest of the body, when it came together with the end */
  end(last?: Buffer): void;
  /** There is no answer, or only half of one. */
  failed(error: Error): void;
}
