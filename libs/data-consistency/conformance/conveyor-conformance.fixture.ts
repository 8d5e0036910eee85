import { newId, type Message } from '@holdfast/messaging';
import { NoteWritten, gate, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { describeCrashes } from './crashes.fixture.js';
import { ConformanceGround, noteNames, type Belt } from './conformance-ground.fixture.js';

const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

/**
 * What every conveyor must do, whatever it runs on: the same tests for all of them. They know a conveyor only through
 * {@link Conveyor} and wait until everything is quiet, so it may deliver as late and as often as it likes.
 *
 * @param name Of the conveyor, for the report.
 * @param belt Makes a new conveyor with its surroundings for each test.
 * @example describeConveyor('the in-process conveyor', () => ({ enter: () => ({ conveyor: new InProcessConveyor(), leave: async () => {} }) }));
 */
export function describeConveyor(name: string, belt: () => Belt | Promise<Belt>): void {
  describe(`${name}, as every conveyor,`, () => {
    let ground: ConformanceGround;
    beforeAll(async () => void (ground = await ConformanceGround.create()), 60_000);
    beforeEach(async () => ground.clear(await belt()));
    afterEach(() => ground.end());
    afterAll(() => ground.drop());

    describeDelivery(() => ground);
    describeFailures(() => ground);
    describeTime(() => ground);
    describeCrashes(() => ground);
  });
}

function describeDelivery(ground: () => ConformanceGround): void {
  it('delivers each message to every reader, its own context among them, exactly as it was told', async () => {
    const got: Message[] = [];
    const keep = (_data: unknown, _tx: unknown, message: Message) => got.push(message);
    const process = await ground().process({
      notes: [recorder('self')],
      library: [recorder('shelf', keep)],
      archive: [recorder('box')],
    });
    const [note] = noteNames(1) as [string];
    const text = `ä 😀 "\\" \n ${'long '.repeat(2_000)}`;
    await process.roads.get('notes')!.work.run((tx) => tx.emit(NoteWritten, { note, n: 1, text }));
    await ground().quiet();
    const told = await ground().of('notes').rows<{ envelope: Message }>('select envelope from outbox');
    expect(got).toEqual([told[0]!.envelope]);
    expect(got[0]!.data).toEqual({ note, n: 1, text });
    for (const context of ['notes', 'library', 'archive'] as const)
      expect(await ground().effects(context, note)).toEqual([1]);
  });

  it('keeps the order of each key for each reader', async () => {
    const process = await ground().process({ library: [recorder('shelf')], archive: [recorder('box')] });
    const notes = noteNames(8);
    await Promise.all(notes.map((note) => ground().tell(note, oneTo(25), process)));
    await ground().quiet();
    for (const note of notes) {
      expect(await ground().effects('library', note)).toEqual(oneTo(25));
      expect(await ground().effects('archive', note)).toEqual(oneTo(25));
    }
  });

  it('lets several handlers of one message each do its part, once', async () => {
    const lane = { lane: 'own' };
    const process = await ground().process({
      library: [recorder('shelf'), recorder('index'), recorder('bell', undefined, lane)],
    });
    const [note] = noteNames(1) as [string];
    await ground().tell(note, oneTo(10), process);
    await ground().quiet();
    for (const handler of ['shelf', 'index', 'bell'])
      expect(await ground().effects('library', note, handler)).toEqual(oneTo(10));
  });

  it('does once what is carried several times, by hand, in any company', async () => {
    const { conveyor } = await ground().entrance({ library: [recorder('shelf')] });
    const [note] = noteNames(1) as [string];
    const [one, two, three] = oneTo(3).map((n) => written(note, n)) as [Message, Message, Message];
    await conveyor.carry([one, two]);
    await conveyor.carry([one, two, one]);
    await conveyor.carry([two, three, three]);
    await until('all three are done', async () => (await ground().effects('library', note)).length >= 3);
    await conveyor.carry([one, two, three]);
    await ground().quiet();
    expect(await ground().effects('library', note)).toEqual([1, 2, 3]);
  });

  it('shares the work among several processes, and still keeps order and count', async () => {
    const handlers = { library: [recorder('shelf')], archive: [recorder('box')] };
    const processes = [await ground().process(handlers), await ground().process(handlers)];
    const notes = noteNames(6);
    await Promise.all(notes.map((note, index) => ground().tell(note, oneTo(20), processes[index % 2]!)));
    await ground().quiet();
    for (const note of notes) {
      expect(await ground().effects('library', note)).toEqual(oneTo(20));
      expect(await ground().effects('archive', note)).toEqual(oneTo(20));
    }
  });

  it('carries a large batch', async () => {
    const process = await ground().process({ library: [recorder('shelf')] });
    const notes = noteNames(50);
    const { work } = process.roads.get('notes')!;
    await work.run((tx) => {
      for (const n of oneTo(24)) for (const note of notes) tx.emit(NoteWritten, { note, n });
    });
    await ground().quiet();
    for (const note of notes) expect(await ground().effects('library', note)).toEqual(oneTo(24));
  }, 60_000);
}

function describeFailures(ground: () => ConformanceGround): void {
  it('tries again what failed, and nothing of its key overtakes it', async () => {
    const [note, other] = noteNames(2) as [string, string];
    let failures = 0;
    const stumble = ({ note: of, n }: { note: string; n: number }) => {
      if (of === note && n === 2 && failures++ < 2) throw new Error('a moment, please');
    };
    // A lease that ends on a busy machine is an attempt, too.
    const shelf = recorder('shelf', stumble, { maxAttempts: 20 });
    const process = await ground().process({ library: [shelf], archive: [recorder('box')] });
    for (const one of [note, other]) await ground().tell(one, oneTo(4), process);
    await ground().quiet();
    expect(failures).toBe(3);
    for (const one of [note, other]) expect(await ground().effects('library', one)).toEqual(oneTo(4));
    expect(await ground().effects('archive', note)).toEqual(oneTo(4));
  });

  it('sets aside what always fails, with all that is behind it, and goes on when it is redriven', async () => {
    const [note, other] = noteNames(2) as [string, string];
    let broken = true;
    const refuse = ({ note: of, n }: { note: string; n: number }) => {
      if (broken && of === note && n === 2) throw new Error('never');
    };
    const process = await ground().process({ library: [recorder('shelf', refuse)], archive: [recorder('box')] });
    for (const one of [note, other]) await ground().tell(one, oneTo(4), process);
    await ground().quiet();
    expect(await ground().effects('library', note)).toEqual([1]);
    expect(await ground().effects('library', other)).toEqual(oneTo(4));
    expect(await ground().effects('archive', note)).toEqual(oneTo(4)); // one reader's trouble is not the other's
    const [parked, ...rest] = await ground().operations('library').messages({ state: 'parked', limit: 10 });
    expect([parked, rest]).toMatchObject([{ key: note, attempts: 3, lastError: 'Error: never' }, []]);
    broken = false;
    expect(await ground().operations('library').redrive(parked!.messageId)).toBe(true);
    await ground().quiet();
    expect(await ground().effects('library', note)).toEqual(oneTo(4));
  });

  it.each(['before', 'after'] as const)(
    'loses and doubles nothing when a reader fails %s it took a batch',
    async (side) => {
      const faults = { library: 3, archive: 2 };
      const process = await ground().process(
        { library: [recorder('shelf')], archive: [recorder('box')] },
        {
          ingesting: async (context, ingest) => {
            const failing = faults[context as keyof typeof faults]-- > 0;
            if (failing && side === 'before') throw new Error(`${context} is full`);
            await ingest();
            if (failing) throw new Error(`${context} took it and cannot say so`);
          },
        },
      );
      const notes = noteNames(3);
      for (const note of notes) await ground().tell(note, oneTo(5), process);
      await ground().quiet();
      expect(faults.library).toBeLessThan(0);
      for (const note of notes) {
        expect(await ground().effects('library', note)).toEqual(oneTo(5));
        expect(await ground().effects('archive', note)).toEqual(oneTo(5));
      }
    },
  );
}

function describeTime(ground: () => ConformanceGround): void {
  it('holds a delayed message until it is due, while younger ones of its key go on', async () => {
    const at: Record<number, number> = {};
    const clock = recorder('shelf', ({ n }) => void (at[n] = Date.now()));
    const { conveyor } = await ground().entrance({ library: [clock] });
    const [note] = noteNames(1) as [string];
    const dueAt = new Date(Date.now() + 1_200);
    await conveyor.carry([written(note, 1, { dueAt }), written(note, 2), written(note, 3)]);
    await until('all are done', async () => (await ground().effects('library', note)).length === 3);
    expect(await ground().effects('library', note)).toEqual([2, 3, 1]);
    expect(at[1]).toBeGreaterThanOrEqual(dueAt.getTime() - 5);
  });

  it('doubles nothing when everything is replayed from the start, while new messages come in', async () => {
    const process = await ground().process({ library: [recorder('shelf')], archive: [recorder('box')] });
    const notes = noteNames(5);
    for (const note of notes) await ground().tell(note, oneTo(10), process);
    await ground().quiet();
    await process.kill();
    await ground().rewind();
    const next = await ground().process({ library: [recorder('shelf')], archive: [recorder('box')] });
    for (const note of notes) await ground().tell(note, [11], next);
    await ground().quiet();
    for (const note of notes) {
      expect(await ground().effects('library', note)).toEqual(oneTo(11));
      expect(await ground().effects('archive', note)).toEqual(oneTo(11));
    }
  });

  it('gives a reader that comes later the whole log, in order, and the others nothing again', async () => {
    const notes = noteNames(4);
    const early = await ground().process({ library: [recorder('shelf')] });
    for (const note of notes) await ground().tell(note, oneTo(6), early);
    await ground().quiet();
    await early.kill();
    await ground().rewind();
    const both = await ground().process({ library: [recorder('shelf')], archive: [recorder('box')] });
    for (const note of notes) await ground().tell(note, [7], both);
    await ground().quiet();
    for (const note of notes) {
      expect(await ground().effects('archive', note)).toEqual(oneTo(7));
      expect(await ground().effects('library', note)).toEqual(oneTo(7));
    }
  });

  it('does not hold up other keys, nor other readers, behind a slow handler', async () => {
    const [slow, quick] = noteNames(2) as [string, string];
    const { opened, open } = gate();
    const wait = ({ note }: { note: string }) => (note === slow ? opened : undefined);
    const process = await ground().process({ library: [recorder('shelf', wait)], archive: [recorder('box')] });
    for (const note of [slow, quick]) await ground().tell(note, oneTo(3), process);
    await until('the others are through', async () => {
      const through = [ground().effects('library', quick), ground().effects('archive', slow)];
      return (await Promise.all(through)).every((numbers) => numbers.length === 3);
    });
    expect(await ground().effects('library', slow)).toEqual([]);
    open();
    await ground().quiet();
    expect(await ground().effects('library', slow)).toEqual(oneTo(3));
  });

  it('parks what no handler reads in this version, where it can be seen', async () => {
    const { conveyor } = await ground().entrance({ library: [recorder('shelf')] });
    const message = { ...written(newId(), 1), type: 'notes.note-written.v9' };
    await conveyor.carry([message]);
    await until('it is parked', async () => {
      return (await ground().operations('library').messages({ state: 'parked', limit: 1 })).length === 1;
    });
  });
}
