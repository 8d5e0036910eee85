import type { Msg } from '@nats-io/transport-node';
import { Deadline } from '../deadline-wheel.js';
import { answerText, faultOf, faultText, type NumberedOutcome, type Question } from './query-wire.js';

interface Answering {
  type: string;
  message: Msg;
  questions: readonly Question[];
  /** Told when nothing is left to answer. */
  ended: (replies: QueryReplies) => void;
  /** Told when who asked cannot be reached any more. */
  lost: (error: unknown) => void;
}

/**
 * Answers to the questions of one message: those that are ready in one turn of the event loop go back together. The first
 * outcome of a question counts; what is missing when it expires has timed out, as it has for who asked.
 */
export class QueryReplies extends Deadline {
  private ready: string[] = [];
  private readonly isAnswered: boolean[] = [];
  private left: number;

  constructor(private readonly options: Answering) {
    super();
    this.left = options.questions.length;
  }

  get type(): string {
    return this.options.type;
  }

  get subject(): string {
    return this.options.message.subject;
  }

  /** @param answer JSON already; undefined for none */
  answer(n: number, answer: string | undefined): void {
    if (this.isFirst(n)) this.add(answerText(n, answer));
  }

  fail(n: number, error: unknown): void {
    if (this.isFirst(n)) this.add(faultText(n, faultOf(this.options.type, error)));
  }

  override expire(): void {
    const { type, questions } = this.options;
    questions.forEach(({ withinMs }, n) => {
      if (this.isFirst(n)) this.add(faultText(n, { error: 'timeout', query: type, deadlineMs: withinMs }));
    });
  }

  private isFirst(n: number): boolean {
    if (this.isAnswered[n]) return false;
    return (this.isAnswered[n] = true);
  }

  private add(outcome: string): void {
    this.left--;
    this.ready.push(outcome);
    if (this.left > 0 && this.ready.length === 1) setImmediate(() => this.send());
    if (this.left > 0) return;
    this.send();
    this.options.ended(this);
  }

  private send(): void {
    const ready = this.ready;
    if (ready.length === 0) return;
    this.ready = [];
    const { message } = this.options;
    try {
      message.respond(`[${ready.join(',')}]`);
    } catch {
      for (const outcome of ready) this.sendAlone(outcome);
    }
  }

  /** An answer that the broker does not take is no reason to keep the others, nor to leave its asker waiting. */
  private sendAlone(outcome: string): void {
    const { type, message, lost } = this.options;
    try {
      message.respond(`[${outcome}]`);
    } catch (error) {
      const { n } = JSON.parse(outcome) as NumberedOutcome;
      try {
        message.respond(`[${faultText(n, faultOf(type, error))}]`);
      } catch {
        lost(error); // the connection is gone, and with it who asked
      }
    }
  }
}
