import { ContractViolation, newId, type Message } from '@holdfast/messaging';
import { NoteWritten, NotesOnPostgres, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { Operations } from '../road/operations.js';
import type { Road } from '../road/road.js';

let notes: NotesOnPostgres;
beforeAll(async () => void (notes = await NotesOnPostgres.create()));
beforeEach(() => notes.admin('truncate notes.inbox'));
afterEach(() => notes.stopRoads());
afterAll(() => notes.drop());

const quiet = () =>
  until(
    'only parked messages and what waits behind them are left',
    async () =>
      (await notes.count(
        'inbox i where done_at is null and parked_at is null and not exists (select from inbox p where p.lane = i.lane and p.parked_at is not null and p.done_at is null)',
      )) === 0,
  );
const operations = (road: Road) => new Operations('notes', notes.database, () => road.wakeInbox());
const parked = () =>
  notes.rows<{ message_id: string; attempts: number; last_error: string }>(
    'select message_id, attempts + not_here as attempts, last_error from inbox where parked_at is not null and done_at is null',
  );

describe('a handler that fails', () => {
  it('is tried again after its backoff', async () => {
    const note = newId();
    const tried: number[] = [];
    const fail = () => {
      tried.push(performance.now());
      if (tried.length < 3) throw new Error('not yet');
    };
    notes.road([recorder('retried', fail, { backoffMs: [50, 150] })]);
    await notes.conveyor.carry([written(note, 1)]);
    await quiet();
    expect(await notes.effects(note)).toEqual([1]);
    expect(tried[1]! - tried[0]!).toBeGreaterThanOrEqual(39);
    expect(tried[2]! - tried[1]!).toBeGreaterThanOrEqual(119);
  });

  it('parks the message after its last attempt; only its key waits, and redriving it goes on in order', async () => {
    const [bad, good] = [newId(), newId()];
    let broken = true;
    const road = notes.road([
      recorder('parking', ({ note, n }) => {
        if (broken && note === bad && n === 1) throw new Error('broken\0here');
      }),
    ]);
    const messages = [1, 2, 3].flatMap((n) => [written(bad, n), written(good, n)]);
    await notes.conveyor.carry(messages);
    await quiet();
    expect(await notes.effects(good)).toEqual([1, 2, 3]);
    expect(await notes.effects(bad)).toEqual([]);
    expect(await parked()).toEqual([{ message_id: messages[0]!.id, attempts: 3, last_error: 'Error: brokenhere' }]);
    broken = false;
    expect(await operations(road).redrive(messages[0]!.id, 'someone-else')).toBe(false);
    expect(await operations(road).redrive(messages[0]!.id)).toBe(true);
    await quiet();
    expect(await notes.effects(bad)).toEqual([1, 2, 3]);
  });

  it('is given up by discarding: the younger ones go on', async () => {
    const note = newId();
    const road = notes.road([
      recorder('discarding', ({ n }) => {
        if (n === 1) throw new Error('broken');
      }),
    ]);
    const first = written(note, 1);
    await notes.conveyor.carry([first, written(note, 2)]);
    await quiet();
    expect(await operations(road).discard(first.id)).toBe(true);
    expect(await operations(road).discard(first.id)).toBe(false);
    await quiet();
    expect(await notes.effects(note)).toEqual([2]);
  });

  it('parks at once what can never succeed', async () => {
    const note = newId();
    notes.road([recorder('strict')]);
    const wrong: Message = { ...written(note, 1), data: { note, n: 'one' } };
    await notes.conveyor.carry([wrong]);
    await quiet();
    expect(await parked()).toMatchObject([
      { attempts: 1, last_error: expect.stringContaining(ContractViolation.name) },
    ]);
  });

  it('counts a neighbour that refuses connections as its own failure', async () => {
    notes.road([
      recorder('caller', () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }))),
    ]);
    await notes.conveyor.carry([written(newId(), 1)]);
    await quiet();
    expect(await parked()).toMatchObject([{ attempts: 3 }]);
  });

  it('survives who watches', async () => {
    const note = newId();
    notes.road([recorder('watched')], {
      observed: () => {
        throw new Error('watcher');
      },
    });
    await notes.conveyor.carry([written(note, 1)]);
    await quiet();
    await until('told', () => notes.failures.some((line) => line.includes('watcher')));
    expect(await notes.effects(note)).toEqual([1]);
  });
});

describe('a message nobody can read', () => {
  const newer = (note: string, n: number): Message => ({ ...written(note, n), type: 'notes.note-written.v2' });

  it('is parked, not dropped; code that can read it takes it up in order', async () => {
    const note = newId();
    const old = notes.road([recorder('one')], { notHereMs: [] });
    const unknown = newer(note, 1);
    await notes.conveyor.carry([unknown, written(note, 2)]);
    await quiet();
    expect(await parked()).toMatchObject([{ message_id: unknown.id, last_error: 'no handler reads this version' }]);
    expect(await operations(old).redrive(unknown.id)).toBe(true);
    await until('parked again', async () => (await parked()).length === 1);
    await notes.stopRoads();

    const v2 = { ...NoteWritten, version: 2, type: unknown.type };
    const today = notes.road([
      recorder('one'),
      recorder('one', undefined, { contract: v2 }),
      recorder('two', undefined, { contract: v2 }),
    ]);
    expect(await operations(today).redrive(unknown.id)).toBe(true);
    await quiet();
    expect(await notes.effects(note, 'one')).toEqual([1, 2]);
    expect(await notes.effects(note, 'two')).toEqual([1]);
    expect(await parked()).toEqual([]);
  });

  it('waits for its handler to come back when the code no longer has it', async () => {
    const note = newId();
    const road = notes.road([
      recorder(
        'gone',
        () => {
          throw new Error('later');
        },
        { backoffMs: [1], maxAttempts: 1 },
      ),
    ]);
    const message = written(note, 1);
    await notes.conveyor.carry([message]);
    await quiet();
    await notes.stopRoads();
    const other = notes.road([recorder('other')], { notHereMs: [1, 1] });
    await operations(other).redrive(message.id);
    await until('parked', async () =>
      (await parked()).some(
        ({ last_error, attempts }) => last_error.includes('is called gone any more') && attempts === 3,
      ),
    );
    expect(road.leads).toBe(false);
  });
});

describe('a message that may be what ends every process that tries it', () => {
  const begun = async (times: number) => {
    const [deadly, harmless] = [newId(), newId()];
    notes.road([recorder('tired')], { start: false });
    await notes.conveyor.carry([written(deadly, 1), written(harmless, 1)]);
    await notes.admin(`update notes.inbox set attempts = ${times} where lane like '%${deadly}'`);
    notes.road([recorder('tired', () => {}, { maxAttempts: 3 })]);
    await quiet();
    expect(await notes.effects(harmless)).toEqual([1]);
    return notes.effects(deadly);
  };

  it('is tried ten times more than its handler has attempts', async () => {
    expect(await begun(12)).toEqual([1]);
  });

  it('is then set aside, and the others go on', async () => {
    expect(await begun(13)).toEqual([]);
    expect(await parked()).toMatchObject([{ last_error: expect.stringContaining('begun 13 times without an end') }]);
  });
});

describe('during a deployment', () => {
  const LATER_MS = 3_600_000;
  const fails = () => {
    throw new Error('the provider is away');
  };
  /** The process that lacks the handler: it tries so often at once, and then waits. */
  const former = (times: number) =>
    notes.road([recorder('former')], { notHereMs: [...Array<number>(times - 1).fill(1), LATER_MS] });
  const counted = (attempts: number, notHere: number) =>
    until(`${attempts} attempts and ${notHere} elsewhere are counted`, async () => {
      const waits = `next_attempt_at > now() + interval '30 min' and parked_at is null`;
      return (await notes.count(`inbox where attempts = ${attempts} and not_here = ${notHere} and ${waits}`)) === 1;
    });
  /** An hour passes. */
  const later = async () => {
    await notes.stopRoads();
    await notes.admin(`update notes.inbox set next_attempt_at = '-infinity'`);
  };

  it('what failed often is not parked because a process that lacks its handler looks at it, too', async () => {
    notes.road([recorder('fresh', fails, { maxAttempts: 30, backoffMs: [...Array<number>(7).fill(1), LATER_MS] })]);
    await notes.conveyor.carry([written(newId(), 1)]);
    await counted(8, 0);
    await later();
    former(6);
    await counted(8, 6);
    await later();
    notes.road([recorder('fresh', fails, { maxAttempts: 30, backoffMs: [LATER_MS] })]);
    await counted(9, 0); // it is known here: the count begins anew
  });

  it('what a process that lacks the handler tried often has all its attempts left where there is one', async () => {
    const note = newId();
    let turns = 0;
    notes.road([recorder('fresh')], { start: false });
    await notes.conveyor.carry([written(note, 1)]);
    await later();
    former(6);
    await counted(0, 6);
    await later();
    notes.road([recorder('fresh', () => turns++ === 0 && fails(), { maxAttempts: 2, backoffMs: [1, LATER_MS] })]);
    await until('it is handled', async () => (await notes.effects(note)).length === 1);
    expect(turns).toBe(2);
  });
});
