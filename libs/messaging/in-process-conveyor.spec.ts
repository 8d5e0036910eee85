import { Type } from './building-blocks.js';
import type { MessageSink } from './conveyor.js';
import { defineEvent } from './contract.js';
import { InProcessConveyor } from './in-process-conveyor.js';
import { seal, type Message } from './message.js';

const events = ['a', 'b'].map((name) =>
  defineEvent(`notes.${name}`, 1, Type.Object({ id: Type.String() }), { key: 'id' }),
);
const [a, b] = events.map((event) => seal(event.of({ id: 'k' }), { source: 'notes', time: new Date() })) as [
  Message,
  Message,
];

class Reader implements MessageSink {
  readonly context = 'reader';
  readonly contracts = events;
  readonly got: Message[][] = [];

  constructor(
    private readonly types: string[],
    private readonly gate: () => Promise<void> = async () => {},
  ) {}

  reads({ type }: Message): boolean {
    return this.types.includes(type);
  }

  async ingest(messages: readonly Message[]): Promise<void> {
    await this.gate();
    this.got.push([...messages]);
  }
}

describe('the in-process conveyor', () => {
  it('gives each reader what it reads, in order, and leaves the others alone', async () => {
    const conveyor = new InProcessConveyor();
    const [both, one, none] = [new Reader([a.type, b.type]), new Reader([b.type]), new Reader([])];
    for (const reader of [both, one, none]) conveyor.connect(reader);
    await conveyor.carry([b, a, b]);
    expect([both.got, one.got, none.got]).toEqual([[[b, a, b]], [[b, b]], []]);
  });

  it('fails when one reader fails, but not before the others are done', async () => {
    let open!: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const conveyor = new InProcessConveyor();
    const slow = new Reader([a.type], () => gate);
    conveyor.connect(new Reader([a.type], () => Promise.reject(new Error('full'))));
    conveyor.connect(slow);
    let ended = false;
    const carried = conveyor.carry([a]).finally(() => (ended = true));
    const failed = carried.catch((error: Error) => error.message);
    await new Promise(setImmediate);
    expect(ended).toBe(false);
    open();
    expect(await failed).toBe('full');
    expect(slow.got).toEqual([[a]]);
  });
});
