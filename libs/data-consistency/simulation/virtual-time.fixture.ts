import { createHash } from 'node:crypto';

/** Whose something is: when it dies nothing of it happens any more, while it is paused everything of it waits. */
export interface Owner {
  readonly name: string;
  alive: boolean;
  /** Virtual milliseconds; 0 when it is not paused. */
  pausedUntil: number;
  /** By how much its wall clock is wrong, milliseconds. */
  clockOff: number;
}

interface Happening {
  at: number;
  order: number;
  owner: Owner;
  what: string;
  run: () => void;
  cancelled?: boolean;
}

export interface Handle {
  happening: Happening;
  every?: number;
  unref(): Handle;
  ref(): Handle;
}

/** Where virtual time begins: 2030-01-01. */
const EPOCH = 1_893_456_000_000;

const real = { setImmediate: globalThis.setImmediate };

/**
 * Time that jumps from one happening to the next. One thing happens at a time, and everything that follows from it without
 * waiting has happened before the next; so a run is nothing but the order of its happenings, and that depends on the seed.
 */
export class VirtualTime {
  now = 0;
  /** Whose code runs now. */
  current: Owner;
  readonly trace: string[] = [];
  private readonly heap: Happening[] = [];
  private lastOrder = 0;

  constructor(readonly nobody: Owner) {
    this.current = nobody;
  }

  wallClock(): number {
    return EPOCH + Math.floor(this.now) + this.current.clockOff;
  }

  /** Lets something happen in `ms`. */
  after(ms: number, owner: Owner, what: string, run: () => void): Happening {
    const happening = { at: this.now + Math.max(0, ms), order: ++this.lastOrder, owner, what, run };
    this.push(happening);
    return happening;
  }

  note(what: string): void {
    this.trace.push(`${this.now.toFixed(2)} ${what}`);
  }

  hash(): string {
    return createHash('sha256').update(this.trace.join('\n')).digest('hex').slice(0, 16);
  }

  /** Lets everything happen until `done`, which is asked after each happening. */
  async run(done: () => boolean): Promise<void> {
    await settled(); // what was begun before
    while (!done()) {
      const next = this.pop();
      if (!next) return;
      if (next.cancelled || !next.owner.alive) continue;
      this.now = Math.max(this.now, next.at);
      if (next.owner.pausedUntil > this.now) {
        this.push({ ...next, at: next.owner.pausedUntil, order: ++this.lastOrder });
        continue;
      }
      this.current = next.owner;
      this.note(`${next.owner.name}: ${next.what}`);
      next.run();
      await settled();
      this.current = this.nobody;
    }
  }

  /** Puts virtual time, and the chance given, in the place of the clock, the timers and the dice of this realm; gives the way back. */
  install(random: () => number): () => void {
    const before = new Map(REPLACED.map((name) => [name, Object.getOwnPropertyDescriptor(globalThis, name)!]));
    const replace = (name: string, value: unknown) =>
      Object.defineProperty(globalThis, name, { value, configurable: true, writable: true });
    // eslint-disable-next-line typescript/no-this-alias
    const time = this;
    const RealDate = Date;
    replace(
      'Date',
      class extends RealDate {
        constructor(...args: unknown[]) {
          super(...((args.length > 0 ? args : [time.wallClock()]) as []));
        }
        static override now = () => time.wallClock();
      },
    );
    replace('performance', { now: () => time.now });
    replace('setTimeout', (run: () => void, ms = 0) => time.timer(ms, run));
    replace('setInterval', (run: () => void, ms: number) => time.timer(ms, run, ms));
    replace('setImmediate', (run: () => void) => time.timer(0, run));
    for (const name of ['clearTimeout', 'clearInterval', 'clearImmediate']) replace(name, cancel);
    const dice = Math.random;
    Math.random = random;
    return () => {
      Math.random = dice;
      for (const [name, descriptor] of before) Object.defineProperty(globalThis, name, descriptor);
    };
  }

  private timer(ms: number, run: () => void, every?: number): Handle {
    const owner = this.current;
    const handle: Handle = {
      unref: () => handle,
      ref: () => handle,
      happening: this.after(ms, owner, 'timer', () => {
        if (every !== undefined) handle.happening = this.after(every, owner, 'interval', again);
        run();
      }),
    };
    const again = () => {
      handle.happening = this.after(every!, owner, 'interval', again);
      run();
    };
    return handle;
  }

  private push(happening: Happening): void {
    const { heap } = this;
    let index = heap.push(happening) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(happening, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = happening;
  }

  private pop(): Happening | undefined {
    const { heap } = this;
    const first = heap[0];
    const last = heap.pop();
    if (!last || last === first) return first;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
    return first;
  }
}

const REPLACED = [
  'Date',
  'performance',
  'setTimeout',
  'setInterval',
  'setImmediate',
  'clearTimeout',
  'clearInterval',
  'clearImmediate',
];

const isBefore = (a: Happening, b: Happening) => a.at < b.at || (a.at === b.at && a.order < b.order);

function cancel(handle: Handle | undefined): void {
  if (handle?.happening) handle.happening.cancelled = true;
}

/** Resolves when everything that follows without waiting has happened: an immediate comes after all microtasks. */
const settled = () => new Promise<void>((resolve) => real.setImmediate(resolve));
