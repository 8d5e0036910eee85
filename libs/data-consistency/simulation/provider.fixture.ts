import type { Chance } from './chance.fixture.js';
import { failure } from './model-writes.fixture.js';
import type { VirtualTime } from './virtual-time.fixture.js';

/** A provider with a ledger of its own: it does what has the same key once, and may not manage to say so. */
export class Provider {
  readonly ledger: { kind: 'take' | 'return'; tripId: string }[] = [];
  /** Probability that a question or its answer is lost. */
  losing = 0;
  private readonly answers = new Map<string, boolean>();

  constructor(
    private readonly time: VirtualTime,
    private readonly chance: Chance,
  ) {}

  /** Whether it was done; a card that says "no" is declined. Fails when there is no answer: it may have been done. */
  call(kind: 'take' | 'return', tripId: string, card: string): Promise<boolean> {
    const { time, chance } = this;
    const owner = time.current;
    const late = () => (chance.happens(0.05) ? chance.between(500, 7_000) : chance.between(1, 40));
    return new Promise((resolve, reject) => {
      const lost = () =>
        time.after(late(), owner, 'hears nothing from the provider', () => reject(failure('ECONNRESET', 'no answer')));
      time.after(late(), time.nobody, `provider: ${kind} ${tripId.slice(0, 8)}`, () => {
        if (chance.happens(this.losing)) return void lost();
        const done = this.perform(kind, tripId, card);
        if (chance.happens(this.losing)) return void lost();
        time.after(late(), owner, 'hears from the provider', () => resolve(done));
      });
    });
  }

  private perform(kind: 'take' | 'return', tripId: string, card: string): boolean {
    const key = `${kind} ${tripId}`;
    const known = this.answers.get(key);
    if (known !== undefined) return known;
    const accepted = kind === 'return' || card !== 'no';
    this.answers.set(key, accepted);
    if (accepted) this.ledger.push({ kind, tripId });
    return accepted;
  }
}
