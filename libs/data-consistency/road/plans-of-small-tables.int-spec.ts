import { newId } from '@holdfast/messaging';
import { ExplainingDatabase } from '../fixture/explaining-database.js';
import { NotesOnPostgres } from '../fixture/notes-on-postgres.js';
import { InboxQueue, completeMessage, type ClaimedMessage } from '../inbox/inbox-queue.js';
import { compile } from '../unit-of-work/compile.js';
import type { Write } from '../unit-of-work/write.js';

// A prepared statement keeps its plan until the table is analysed, a minute later at the earliest: what was planned while a
// table was small is run while a flood makes it large (ADR 20).

const claimed = (n: number) =>
  ({ messageId: newId(), handler: `h${n}`, claim: newId() }) as Partial<ClaimedMessage> as ClaimedMessage;

const completion = (many: number) => {
  const rows = Array.from({ length: many }, (_, n) => ({ message_id: newId(), handler: `h${n}`, claim: newId() }));
  return compile(new Map<Write, object[]>([[completeMessage as Write, rows]]));
};

const STATEMENTS: [string, (on: ExplainingDatabase) => Promise<unknown>][] = [
  ['claiming', (on) => new InboxQueue(on, 10_000).claim({ limit: 8, claim: newId(), after: '' })],
  ['renewing leases', (on) => new InboxQueue(on, 10_000).renew([claimed(1), claimed(2)])],
  ['completing one message', (on) => on.read(completion(1).text, completion(1).values)],
  ['completing sixty-four at once', (on) => on.read(completion(64).text, completion(64).values)],
];

describe.each([
  ['that was never analysed', ''],
  [
    'of twenty rows',
    `insert into notes.inbox (message_id, handler, type, source, envelope, lane, position)
     select gen_random_uuid(), 'h', 't', 's', '{}', n::text, n from generate_series(1, 20) n`,
  ],
])('into an inbox %s', (_, fill) => {
  let notes: NotesOnPostgres;
  beforeAll(async () => {
    notes = await NotesOnPostgres.create();
    if (fill === '') return;
    await notes.admin(fill);
    await notes.admin('vacuum analyze notes.inbox');
  });
  afterAll(() => notes.drop());

  it.each(STATEMENTS)('%s goes by an index', async (__, run) => {
    const database = new ExplainingDatabase(notes.database.pool, 'planned');
    await run(database);
    const ways = database.waysInto('inbox');
    expect(ways.length).toBeGreaterThan(0);
    expect(ways.filter((way) => way.startsWith('all of'))).toEqual([]);
  });
});
