import type { AnyContract, Message } from '@holdfast/messaging';
import type pg from 'pg';
import { inFull } from '../../../test/support/faults/report.js';
import { Database } from '../database/database.js';
import { sqlState } from '../database/errors.js';
import { NoteWritten, NotesOnPostgres, recorder, written } from '../fixture/notes-on-postgres.js';
import { Handlers } from '../inbox/handler.js';
import { InboxQueue, completeMessage, type ClaimedMessage, type CountedAs } from '../inbox/inbox-queue.js';
import { Inbox } from '../inbox/inbox.js';
import { Operations } from '../road/operations.js';
import { setTimer, stopTimer, updateSaga, insertSaga, type SagaRow } from '../saga/saga-writes.js';
import { execute } from '../unit-of-work/group-commit.js';
import type { Write } from '../unit-of-work/write.js';
import { Chance } from './chance.fixture.js';
import { ModelPostgres } from './model-postgres.fixture.js';
import { VirtualTime } from './virtual-time.fixture.js';

const HOUR = 3_600_000;
const SEEDS = Array.from({ length: inFull ? 20 : 3 }, (_, index) => index + 1);
const handlers = new Handlers([
  recorder('first'),
  recorder('second'),
  recorder('apart', undefined, { lane: 'apart', contract: NoteWritten as AnyContract }),
]);

/** The same classes of the library, once on PostgreSQL and once on its model. */
class Side {
  readonly queue: InboxQueue;
  readonly inbox: Inbox;
  readonly operations: Operations;

  constructor(readonly database: Database) {
    this.queue = new InboxQueue(database, HOUR);
    this.inbox = new Inbox('notes', database, handlers, () => {});
    this.operations = new Operations('notes', database, () => {});
  }

  write(write: Write, ...rows: object[]): Promise<string> {
    return execute(this.database.pool, new Map([[write, rows]])).then(
      () => 'done',
      (error: unknown) => sqlState(error) ?? String(error),
    );
  }
}

/** What a step gave on one side, in a form that does not depend on the side. */
type Step = (side: Side) => Promise<unknown>;

describe('the model of PostgreSQL', () => {
  let notes: NotesOnPostgres;
  beforeAll(async () => void (notes = await NotesOnPostgres.create()));
  afterAll(() => notes.drop());

  it.each(SEEDS)('does to an inbox and to sagas what PostgreSQL does (seed %i)', async (seed) => {
    await notes.admin('truncate notes.inbox, notes.saga');
    const time = new VirtualTime({ name: 'server', alive: true, pausedUntil: 0, clockOff: 0 });
    const chance = new Chance(seed);
    const model = new ModelPostgres(time, chance);
    const query = async (config: pg.QueryConfig) => model.now('notes', config);
    const [real, modelled] = [new Side(notes.database), new Side(new Database({ query } as unknown as pg.Pool))];
    const story = new Story(chance);
    for (let count = 0; count < 150; count++) {
      const { name, step } = story.next();
      const [expected, got] = [await step(real), await step(modelled)];
      story.learn(expected);
      expect([count, name, got]).toEqual([count, name, expected]);
      expect([count, name, modelInbox(model)]).toEqual([count, name, await realInbox(notes)]);
    }
  });
});

class Story {
  private readonly told: Message[] = [];
  private readonly held: ClaimedMessage[] = [];
  private readonly parked: ClaimedMessage[] = [];

  constructor(private readonly chance: Chance) {}

  next(): { name: string; step: Step } {
    const { chance } = this;
    const steps: (() => { name: string; step: Step })[] = [
      this.ingest,
      this.ingest,
      this.claim,
      this.claim,
      this.complete,
      this.retry,
      this.park,
    ];
    steps.push(this.redrive, this.renew, this.saga, this.timer, this.read);
    return chance.pick(steps).call(this);
  }

  learn(result: unknown): void {
    if (Array.isArray(result)) this.held.push(...(result as ClaimedMessage[]));
  }

  private ingest() {
    const { chance, told } = this;
    const fresh = Array.from({ length: 1 + chance.below(4) }, (_, n) => {
      const dueAt = chance.happens(0.2) ? new Date('2099-01-01') : undefined;
      return written(chance.pick(['a', 'b', 'c']), n, dueAt && { dueAt });
    });
    const unread = chance.happens(0.1) ? [{ ...written('d', 1), type: 'notes.note-written.v7' }] : [];
    const batch = [...fresh, ...unread, ...(told.length > 0 ? [chance.pick(told), fresh[0]!] : [])];
    told.push(...fresh);
    return { name: 'ingest', step: (side: Side) => side.inbox.ingest(batch) };
  }

  private claim() {
    const request = {
      limit: 1 + this.chance.below(3),
      claim: this.chance.id(),
      after: this.chance.pick(['', '', '/a', '/b']),
    };
    const sorted = (messages: ClaimedMessage[]) =>
      messages.sort((a, b) => (a.messageId + a.handler < b.messageId + b.handler ? -1 : 1));
    return { name: 'claim', step: async (side: Side) => sorted((await side.queue.claim(request)).messages) };
  }

  private complete() {
    const one = this.one();
    const claim = this.chance.happens(0.2) ? this.chance.id() : one.claim;
    const row = { message_id: one.messageId, handler: one.handler, claim };
    return { name: 'complete', step: (side: Side) => side.write(completeMessage as Write, row) };
  }

  private retry() {
    const [one, countedAs, afterMs] = [this.one(), this.countedAs(), this.chance.pick([0, 0, 24 * HOUR])];
    return { name: 'retry', step: (side: Side) => side.queue.retryLater(one, { cause: 'why', afterMs, countedAs }) };
  }

  private park() {
    const [one, countedAs] = [this.one(), this.countedAs()];
    this.parked.push(one);
    return { name: 'park', step: (side: Side) => side.queue.park(one, { cause: 'never', countedAs }) };
  }

  private redrive() {
    const { messageId, handler } = this.parked.length > 0 ? this.chance.pick(this.parked) : this.one();
    return { name: 'redrive', step: (side: Side) => side.operations.redrive(messageId, handler) };
  }

  private renew() {
    const some = [this.one(), this.one()];
    return { name: 'renew', step: (side: Side) => side.queue.renew(some) };
  }

  private read() {
    const behindAll = { limit: 1, claim: this.chance.id(), after: '/z' };
    return {
      name: 'next ready',
      step: async (side: Side) => (await side.queue.claim(behindAll)).nextReadyInMs === undefined,
    };
  }

  private saga() {
    const version = 1 + this.chance.below(4);
    const row: SagaRow = {
      type: 'toy',
      id: this.chance.pick(['x', 'y']),
      definition_version: 1,
      status: 'running',
      step: 1,
      state: {},
      reason: null,
      asks: 1,
      stuck: false,
      timer_id: this.chance.id(),
      version,
    };
    const rows = this.chance.happens(0.3) ? [row, row] : [row];
    const write = (version === 1 ? insertSaga : updateSaga) as Write;
    return { name: write.name, step: (side: Side) => side.write(write, ...rows) };
  }

  private timer() {
    const { messageId, handler } = this.one();
    const message_id = this.chance.happens(0.5) ? messageId : this.chance.id();
    const stop = {
      name: 'stop a timer',
      step: (side: Side) => side.write(stopTimer as Write, { message_id, handler }),
    };
    const about = { lane: '/a', type: 'notes.note-written.v1', source: 'notes', patience_ms: 24 * HOUR, envelope: {} };
    const set = (side: Side) => side.write(setTimer as Write, { message_id, handler, ...about });
    return this.chance.happens(0.5) ? stop : { name: 'set a timer', step: set };
  }

  private countedAs(): CountedAs {
    return this.chance.pick<CountedAs>(['failure', 'not-here', 'nothing']);
  }

  private one(): ClaimedMessage {
    const { chance, told, held } = this;
    if (held.length > 0 && chance.happens(0.9)) return chance.pick(held.slice(-6));
    const envelope = told.length > 0 ? chance.pick(told) : written('z', 1);
    const claim = chance.id();
    return { messageId: envelope.id, handler: 'first', type: envelope.type, attempts: 1, notHere: 0, claim, envelope };
  }
}

async function realInbox(notes: NotesOnPostgres): Promise<object[]> {
  return notes.rows(
    `select message_id, handler, lane, attempts, not_here, claim, parked_at is not null as parked, outcome as done, last_error,
            claimed_until > now() as held, next_attempt_at > now() as later,
            case when position is not null then (row_number() over (order by position))::int end as place
     from inbox order by message_id, handler collate "C"`,
  );
}

function modelInbox(model: ModelPostgres): object[] {
  const now = model.time.wallClock();
  const entries = [...model.tables('notes').inbox.values()];
  const line = entries.filter(({ position }) => position !== null).sort((a, b) => a.position! - b.position!);
  return entries
    .map((entry) => {
      const { message_id, handler, lane, attempts, not_here, claim, parked, done, last_error } = entry;
      const [held, later] = [entry.claimed_until > now, entry.next_attempt_at > now];
      const place = entry.position === null ? null : line.indexOf(entry) + 1;
      return { message_id, handler, lane, attempts, not_here, claim, parked, done, last_error, held, later, place };
    })
    .sort((a, b) => (a.message_id + a.handler < b.message_id + b.handler ? -1 : 1));
}
