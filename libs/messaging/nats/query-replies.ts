import type { Msg } from '@nats-io/transport-node';
import { outcomeOf, outcomeText, type NumberedOutcome, type QueryOutcome } from './query-wire.js';

/** Answers to the questions of one message: those that are ready in one turn of the event loop go back together. */
export class QueryReplies {
  private ready: string[] = [];

  constructor(
    private readonly type: string,
    private readonly message: Msg,
    private left: number,
    /** Told when who asked cannot be reached any more. */
    private readonly lost: (error: unknown) => void,
  ) {}

  add(n: number, outcome: QueryOutcome): void {
    this.left--;
    this.ready.push(outcomeText(this.type, n, outcome));
    if (this.left === 0) this.send();
    else if (this.ready.length === 1) setImmediate(() => this.send());
  }

  private send(): void {
    const ready = this.ready;
    if (ready.length === 0) return;
    this.ready = [];
    try {
      this.message.respond(`[${ready.join(',')}]`);
    } catch {
      for (const answer of ready) this.sendAlone(answer);
    }
  }

  /** An answer that the broker does not take is no reason to keep the others, nor to leave its asker waiting. */
  private sendAlone(answer: string): void {
    try {
      this.message.respond(`[${answer}]`);
    } catch (error) {
      const { n } = JSON.parse(answer) as NumberedOutcome;
      try {
        this.message.respond(`[${outcomeText(this.type, n, outcomeOf(this.type, error))}]`);
      } catch {
        this.lost(error); // the connection is gone, and with it who asked
      }
    }
  }
}
