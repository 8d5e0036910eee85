import { newId } from '@holdfast/messaging';
import { NotesOnPostgres, gate, recordEffect, recorder, until, written } from '../fixture/notes-on-postgres.js';
import { completeMessage, InboxQueue } from './inbox-queue.js';
import { execute } from '../unit-of-work/group-commit.js';
import type { Transaction } from '../unit-of-work/transaction.js';
import type { UnitOfWork } from '../unit-of-work/unit-of-work.js';
import type { Write } from '../unit-of-work/write.js';
import { Handlers } from './handler.js';
import { InboxWorker, type HandledMessage, type InboxWorkerOptions } from './inbox-worker.js';

let notes: NotesOnPostgres;
const workers: InboxWorker[] = [];
const leaseMs = 300;
/** Long enough for a machine that is busy with tests to do in it what it should. */
const patientMs = 2_000;

beforeAll(async () => {
  notes = await NotesOnPostgres.create();
  notes.road([recorder('late')], { start: false }); // its inbox only
});
beforeEach(() => notes.admin('truncate notes.inbox'));
afterEach(() => Promise.all(workers.splice(0).map((worker) => worker.stop())));
afterAll(() => notes.drop());

function worker(
  handler: ReturnType<typeof recorder>,
  more: Partial<Pick<InboxWorkerOptions, 'work' | 'longestMs' | 'concurrency' | 'leaseMs'>> & { deaf?: boolean } = {},
) {
  const database = notes.newDatabase();
  const seen: HandledMessage[] = [];
  const queue = new InboxQueue(database, more.leaseMs ?? leaseMs);
  if (more.deaf) queue.renew = async () => {}; // a process too busy, or paused, to keep its leases
  const made = new InboxWorker({
    context: 'notes',
    queue,
    handlers: new Handlers([handler]),
    work: notes.workOn(database),
    observed: (one) => seen.push(one),
    failed: () => {},
    leaseMs,
    ...more,
  });
  made.start();
  workers.push(made);
  return { seen, worker: made };
}

describe('leases', () => {
  it('hand a message of a worker that went silent to another one, and refuse what the first one then completes', async () => {
    const note = newId();
    const { opened, open } = gate();
    const first = worker(
      recorder('late', () => opened),
      { deaf: true, concurrency: 1 },
    );
    await notes.conveyor.carry([written(note, 1)]);
    await until('the first has it', async () => (await notes.count('inbox where attempts = 1')) === 1);
    const second = worker(recorder('late'));
    await until('the second is done', async () => (await notes.count('inbox where done_at is not null')) === 1);
    open();
    await until('the first is refused', () => first.seen.some(({ outcome }) => outcome === 'lost'));
    expect(second.seen.map(({ outcome }) => outcome)).toEqual(['handled']);
    expect(await notes.effects(note)).toEqual([1]);
    expect(await notes.rows('select attempts, outcome from inbox')).toEqual([{ attempts: 2, outcome: 'handled' }]);
  });

  it('are taken up again by the very worker that missed to renew them: its handler goes on, once', async () => {
    const note = newId();
    let runs = 0;
    const { opened, open } = gate();
    const { seen } = worker(
      recorder('late', () => (runs++, opened)),
      { deaf: true },
    );
    await notes.conveyor.carry([written(note, 1)]);
    await until('the lease ran out once', async () => (await notes.count('inbox where attempts > 1')) === 1);
    open();
    await until('it is done', async () => (await notes.count('inbox where done_at is not null')) === 1);
    await until('it was seen', () => seen.length > 0);
    expect([runs, seen.map(({ outcome }) => outcome)]).toEqual([1, ['handled']]);
  });

  it('may pass to a new claim of the same worker when the completion is already written down: it completes, once', async () => {
    const note = newId();
    const { opened, open } = gate();
    const work = notes.workOn(notes.newDatabase());
    let runs = 0;
    const slowToCommit = {
      run: (decide: (tx: Transaction) => unknown) =>
        work.run(async (tx) => {
          await decide(tx);
          if (runs++ === 0) await opened;
        }),
    } as UnitOfWork;
    const { seen } = worker(recorder('late'), { deaf: true, work: slowToCommit, leaseMs: patientMs });
    await notes.conveyor.carry([written(note, 1)]);
    await until(
      'the same worker has claimed it again',
      async () => (await notes.count('inbox where attempts > 1')) === 1,
    );
    open();
    await until('it is done', async () => (await notes.count('inbox where done_at is not null')) === 1);
    await until('it was seen', () => seen.length > 0);
    expect([runs, seen.map(({ outcome }) => outcome)]).toEqual([2, ['handled']]);
    expect(await notes.effects(note)).toEqual([1]);
  });

  it('are renewed while a handler is at work, so that nobody else runs its message', async () => {
    const note = newId();
    let runs = 0;
    const { opened, open } = gate();
    const slow = recorder('late', () => (runs++, opened));
    for (const _ of [1, 2]) worker(slow, { leaseMs: patientMs });
    await notes.conveyor.carry([written(note, 1)]);
    const outlived = `inbox where attempts = 1 and received_at < clock_timestamp() - interval '4 s' and claimed_until > clock_timestamp()`;
    await until('two leases would have passed', async () => (await notes.count(outlived)) === 1);
    expect(runs).toBe(1);
    open();
    await until('it is done', async () => (await notes.count('inbox where done_at is not null')) === 1);
    expect(await notes.effects(note)).toEqual([1]);
  });

  it('are renewed past a message that is being completed, without waiting for it', async () => {
    await notes.conveyor.carry([1, 2, 3].map(() => written(newId(), 1)));
    const [completing, database] = [notes.newDatabase(1), notes.newDatabase(1)];
    const queue = new InboxQueue(database, 60_000);
    const { messages } = await queue.claim({ limit: 3, claim: newId(), after: '' });
    const { messageId, handler, claim } = messages[1]!;
    await notes.admin(`update notes.inbox set claimed_until = claimed_until - interval '30 s'`);
    await completing.read('begin');
    await completing.read('select from inbox where message_id = $1 for update', [messageId]);
    await database.read(`set lock_timeout = '100ms'`);
    await queue.renew(messages);
    await execute(completing.pool, new Map([[completeMessage as Write, [{ message_id: messageId, handler, claim }]]]));
    await completing.read('commit');
    const rows = await notes.rows<{ message_id: string }>(
      `select message_id from inbox where done_at is null and claimed_until > now() + interval '40 s'`,
    );
    expect(rows.map(({ message_id }) => message_id).sort()).toEqual(
      [messages[0]!, messages[2]!].map((one) => one.messageId).sort(),
    );
  });

  it('do not let a handler that hangs hold its lane for ever', async () => {
    const note = newId();
    let runs = 0;
    const { seen } = worker(
      recorder('late', () => (runs++ === 0 ? new Promise(() => {}) : undefined)),
      { longestMs: 100 },
    );
    await notes.conveyor.carry([written(note, 1), written(note, 2)]);
    await until('both are done', () => seen.length === 3);
    expect(seen.map(({ outcome }) => outcome)).toEqual(['retried', 'handled', 'handled']);
    expect(String(seen[0]!.error)).toContain('did not end within 100 ms');
  });

  it('refuse a completion with another claim, and roll its effect back', async () => {
    const note = newId();
    const message = written(note, 1);
    await notes.conveyor.carry([message]);
    const stale = notes.work.run((tx) => {
      tx.write(recordEffect, { handler: 'late', note, n: 1 });
      tx.write(completeMessage, { message_id: message.id, handler: 'late', claim: newId() });
    });
    await expect(stale).rejects.toThrow(/lease/);
    expect(await notes.effects(note)).toEqual([]);
  });

  it('are fairly shared: two claims at once never name one message, nor two of one lane', async () => {
    const keys = Array.from({ length: 30 }, () => newId());
    await notes.conveyor.carry(keys.flatMap((key) => [1, 2].map((n) => written(key, n))));
    const queues = [1, 2, 3, 4].map(() => new InboxQueue(notes.newDatabase(), 60_000));
    const claimed = await Promise.all(queues.map((queue) => queue.claim({ limit: 20, claim: newId(), after: '' })));
    const got = claimed.flatMap(({ messages }) => messages.map(({ envelope }) => envelope.subject));
    expect(new Set(got).size).toBe(got.length);
    expect(got.length).toBeGreaterThanOrEqual(20);
  });

  it('are counted back when our own database was away, not when time ran out', async () => {
    const note = newId();
    let killed = false;
    const { seen } = worker(
      recorder('late', async (_, tx) => {
        if (killed) return;
        killed = true;
        const [row] = await tx.lock<{ pid: number }>('select pg_backend_pid() as pid');
        await notes.admin('select pg_terminate_backend($1)', row!.pid);
      }),
      { leaseMs: patientMs },
    );
    await notes.conveyor.carry([written(note, 1)]);
    await until('it is done', () => seen.length === 2);
    expect(seen.map(({ outcome }) => outcome)).toEqual(['retried', 'handled']);
    expect(await notes.rows('select attempts from inbox')).toEqual([{ attempts: 1 }]);
  });
});
