import { defineEvent, newId, seal, type Message } from '@holdfast/messaging';
import { NoteWritten, NotesOnPostgres, gate, recorder, until, written } from '../fixture/notes-on-postgres.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
afterEach(() => notes.stopRoads());
afterAll(() => notes.drop());

const quiet = () => until('the inbox is empty', async () => (await notes.count('inbox where done_at is null')) === 0);
const oneTo = (count: number) => Array.from({ length: count }, (_, index) => index + 1);

describe('the inbox', () => {
  it('has one effect per message and handler, however often and at whatever same time a message arrives', async () => {
    const note = newId();
    notes.road([recorder('first'), recorder('second')]);
    const messages = [written(note, 1), written(note, 2)];
    await Promise.all(oneTo(20).map(() => notes.conveyor.carry(messages)));
    await quiet();
    await notes.conveyor.carry([messages[0]!, messages[0]!, messages[1]!]);
    await quiet();
    expect(await notes.effects(note, 'first')).toEqual([1, 2]);
    expect(await notes.effects(note, 'second')).toEqual([1, 2]);
  });

  it('takes a page of messages as large as they may be, in order', async () => {
    const note = newId();
    notes.road([recorder('first'), recorder('second')]);
    const text = 'x'.repeat(500_000);
    await notes.conveyor.carry(oneTo(40).map((n) => written(note, n, { text }))); // 40 MB for both handlers
    await quiet();
    for (const handler of ['first', 'second']) expect(await notes.effects(note, handler)).toEqual(oneTo(40));
    await notes.rows(`delete from inbox where envelope ->> 'subject' = $1`, note);
  });

  it('keeps the order of a key, never two at once, with several workers and handlers that fail', async () => {
    const running = new Map<string, number>();
    const overlaps: string[] = [];
    const failing = recorder(
      'order',
      async ({ note, n }, tx) => {
        if (running.has(note)) overlaps.push(note);
        running.set(note, n);
        await tx.read('select 1');
        running.delete(note);
        if (Math.random() < 0.2) throw new Error('now and then');
      },
      { maxAttempts: 1_000 },
    );
    notes.road([failing]);
    notes.road([failing], {
      conveyor: { name: 'none', connect: () => {}, carry: async () => {}, lastCarried: async () => undefined },
    });
    const keys = oneTo(10).map(() => newId());
    for (const n of oneTo(15)) await notes.conveyor.carry(keys.map((key) => written(key, n)));
    await quiet();
    for (const key of keys) expect(await notes.effects(key)).toEqual(oneTo(15));
    expect(overlaps).toEqual([]);
  });

  it('lets a handler with a lane of its own go on while another one waits', async () => {
    const note = newId();
    const { opened, open } = gate();
    notes.road([recorder('slow', () => opened), recorder('free', undefined, { lane: 'free' })]);
    await notes.conveyor.carry(oneTo(3).map((n) => written(note, n)));
    await until('the free one is done', async () => (await notes.effects(note, 'free')).length === 3);
    expect(await notes.effects(note, 'slow')).toEqual([]);
    open();
    await quiet();
    expect(await notes.effects(note, 'slow')).toEqual([1, 2, 3]);
  });

  it('keeps a delayed message aside until it is due, and gives it its place then', async () => {
    const note = newId();
    const started: number[] = [];
    notes.road([recorder('delayed', ({ n }) => started.push(n))]);
    const dueAt = new Date(Date.now() + 400);
    await notes.conveyor.carry([written(note, 1, { dueAt }), written(note, 2)]);
    await quiet();
    expect(started).toEqual([2, 1]);
    const [row] = await notes.rows<{ early: boolean }>(
      `select done_at < $2::timestamptz as early from inbox where envelope ->> 'subject' = $1 and due_at is not null`,
      note,
      dueAt,
    );
    expect(row!.early).toBe(false);
  });

  it('takes on any text', async () => {
    const note = newId();
    const text = `' " \\ \\u0000 \u2028 {} 😀`;
    let seen: string | undefined;
    notes.road([recorder('odd', (data) => (seen = data.text))]);
    await notes.conveyor.carry([written(note, 1, { text })]);
    await quiet();
    expect(seen).toBe(text);
  });

  it('takes on the longest key there is, and whoever wants a longer one is told before anything is committed', async () => {
    const note = oneTo(512)
      .map(() => String.fromCharCode(0x4e00 + Math.random() * 0x5000))
      .join('');
    notes.road([recorder('long')]);
    await notes.conveyor.carry([written(note, 1)]);
    await quiet();
    expect(await notes.effects(note)).toEqual([1]);
    expect(() => written(`${note}.`, 1)).toThrow(/key.*512/);
  });

  it('ignores what it does not read', async () => {
    const Other = defineEvent('notes.other', 1, NoteWritten.schema, { key: 'note' });
    const note = newId();
    notes.road([recorder('any')]);
    await notes.conveyor.carry([seal(Other.of({ note, n: 1 }), { source: 'notes', time: new Date() })]);
    expect(await notes.count(`inbox where envelope ->> 'subject' = '${note}'`)).toBe(0);
  });

  it('gives every lane its turn when there are more than it can take at once', async () => {
    const started: string[] = [];
    const keys = oneTo(40).map(() => newId());
    const { opened, open } = gate();
    notes.road([recorder('fair', async ({ note }) => (started.push(note), opened))], { concurrency: 4 });
    await notes.conveyor.carry(keys.flatMap((key) => oneTo(3).map((n) => written(key, n))));
    open();
    await quiet();
    expect(new Set(started.slice(0, 30)).size).toBeGreaterThan(25);
    for (const key of keys) expect(await notes.effects(key)).toEqual([1, 2, 3]);
  });

  it('runs a handler as what caused it: correlation and cause travel on', async () => {
    const note = newId();
    const cause: Message = { ...written(note, 1), correlationid: newId(), principal: { sub: 'p', roles: ['r'] } };
    notes.road([recorder('teller', ({ n }, tx) => n === 1 && tx.emit(NoteWritten, { note, n: 2 }))]);
    await notes.conveyor.carry([cause]);
    await until('it was told on', async () => (await notes.effects(note)).length === 2);
    const [row] = await notes.rows<{ envelope: Message }>('select envelope from outbox where key = $1', note);
    expect(row!.envelope).toMatchObject({
      causationid: cause.id,
      correlationid: cause.correlationid,
      principal: cause.principal,
    });
  });
});
