import { Deadline, type DeadlineWheel } from '../deadline-wheel.js';
import { QueryTimeout } from '../query-errors.js';
import { QUESTIONS_TOGETHER, errorOf, type NumberedOutcome } from './query-wire.js';

/** Characters after which a message is full; far below what a broker takes (1 MB by default). */
const FULL = 64 * 1024;

/** One question, and what makes an answer one. */
export interface Asking {
  type: string;
  /** As `questionText` writes it. */
  question: string;
  withinMs: number;
  /** Throws when an answer does not fit its contract. Default: nothing is checked. */
  check?: (answer: unknown) => void;
}

/** Who has asked, and waits for an answer until a deadline. */
class Asker extends Deadline {
  constructor(
    private readonly bundle: QueryBundle,
    private readonly n: number,
    private readonly asking: Asking,
    private readonly resolve: (answer: unknown) => void,
    readonly reject: (error: Error) => void,
  ) {
    super();
  }

  override expire(): void {
    const { type, withinMs } = this.asking;
    if (this.bundle.settle(this.n)) this.reject(new QueryTimeout(type, withinMs));
  }

  finish(outcome: NumberedOutcome): void {
    if (outcome.error !== undefined) return this.reject(errorOf(this.asking.type, outcome));
    try {
      this.asking.check?.(outcome.answer);
      this.resolve(outcome.answer);
    } catch (error) {
      this.reject(error as Error);
    }
  }
}

interface Bundling {
  type: string;
  token: string;
  deadlines: DeadlineWheel;
  /** Nobody in it waits any more. */
  settled: (bundle: QueryBundle) => void;
}

/** Questions to one query that travel as one message, and who waits for them. */
export class QueryBundle {
  readonly type: string;
  readonly token: string;
  private readonly questions: string[] = [];
  private readonly askers: (Asker | undefined)[] = [];
  private length = 0;
  private left = 0;

  constructor(private readonly options: Bundling) {
    this.type = options.type;
    this.token = options.token;
  }

  hasRoomFor(question: string): boolean {
    return this.length + question.length < FULL;
  }

  get isAwaited(): boolean {
    return this.left > 0;
  }

  get isFull(): boolean {
    return this.questions.length === QUESTIONS_TOGETHER;
  }

  add(asking: Asking): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const asker = new Asker(this, this.questions.length, asking, resolve, reject);
      this.questions.push(asking.question);
      this.askers.push(asker);
      this.length += asking.question.length;
      this.left++;
      this.options.deadlines.set(asker, performance.now() + asking.withinMs);
    });
  }

  toString(): string {
    return `[${this.questions.join(',')}]`;
  }

  finish(outcome: NumberedOutcome): void {
    this.settle(outcome.n)?.finish(outcome);
  }

  fail(error: (type: string) => Error): void {
    for (let n = 0; n < this.askers.length; n++) this.settle(n)?.reject(error(this.type));
  }

  /** Nobody waits for this question any more; returns who did. */
  settle(n: number): Asker | undefined {
    const asker = this.askers[n];
    if (!asker) return undefined;
    this.askers[n] = undefined;
    this.options.deadlines.clear(asker);
    if (--this.left === 0) this.options.settled(this);
    return asker;
  }
}
