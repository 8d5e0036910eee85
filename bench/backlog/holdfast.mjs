// A context that tells itself a million things: its relay fills its inbox, its handler empties it.
import { setTimeout as pause } from 'node:timers/promises';
import { ConcurrencyError, Operations, defineWrite } from '../../dist/libs/data-consistency/index.js';
import { Type, Uuid, defineEvent } from '../../dist/libs/messaging/index.js';
import { openRoad } from '../harness/road.mjs';

const KEYS = 1_000;
const FILL_BATCH = 2_000;
/** Below that a table fits a few pages, and reading it from end to end is the right plan. */
const BIG = 5_000;

const ParcelMoved = defineEvent('parcels.parcel-moved', 1, Type.Object({ parcelId: Uuid, move: Type.Integer() }), {
  key: 'parcelId',
});

/** One move after the other: a message that is lost, doubled or overtaken misses its row. */
const arrive = defineWrite(
  'parcels.arrive',
  { parcel: 'uuid', move: 'int' },
  'update parcel set moves = rows.move from rows where parcel.parcel = rows.parcel and parcel.moves = rows.move - 1',
  { missed: () => new ConcurrencyError('a parcel moved out of its order') },
);

const parcelOf = (key) => `'00000000-0000-7000-8000-' || lpad(to_hex(${key}), 12, '0')`;

/** As the outbox would hold it: the same envelope, written by the thousand. */
const FILL = `
  insert into outbox (message_id, type, key, envelope)
  select id, 'parcels.parcel-moved.v1', parcel, json_build_object('specversion', '1.0', 'id', id, 'source', 'parcels',
    'type', 'parcels.parcel-moved.v1', 'subject', parcel, 'time', now(), 'datacontenttype', 'application/json',
    'dataschema', '/asyncapi.json#/components/schemas/parcels.parcel-moved.v1', 'correlationid', id,
    'data', json_build_object('parcelId', parcel, 'move', (n - 1) / ${KEYS} + 1))
  from (select n, gen_random_uuid() as id, ${parcelOf(`(n - 1) % ${KEYS}`)} as parcel
        from generate_series($1::int, $2::int) n order by n) moves`;

/**
 * Who only looks may look again, and so may whoever a timeout took everything back from: on a busy machine things take
 * longer than a role or a pool waits.
 */
async function patiently(ask) {
  for (let attempt = 1; ; attempt++) {
    try {
      return await ask();
    } catch (error) {
      if (attempt === 10) throw error;
      await pause(2_000);
    }
  }
}

const sumOf = (tables) => tables.reduce((sum, { read }) => sum + read, 0);

export async function start({ adminUrl, messages }) {
  const tables = [
    'create table parcel (parcel uuid primary key, moves int not null default 0) with (fillfactor = 50)',
    `insert into parcel (parcel) select (${parcelOf('n')})::uuid from generate_series(0, ${KEYS - 1}) n`,
  ];
  const handler = {
    name: 'arrive',
    contract: ParcelMoved,
    lane: '',
    maxAttempts: 1,
    backoffMs: [1_000],
    handle: ({ parcelId, move }, tx) => tx.write(arrive, { parcel: parcelId, move }),
  };
  const context = await openRoad({ adminUrl, context: 'parcels', tables, handlers: [handler], concurrency: 64 });
  const { road } = context;
  const { database } = road;
  const operations = new Operations('parcels', database, () => {});
  const rates = {};
  let part;
  let began;
  let slowestBacklogMs = 0;
  const before = new Map();
  let readBefore;

  const scans = () =>
    database.read(
      `select relname as table, seq_scan as scans, seq_tup_read as read, n_live_tup as rows from pg_stat_user_tables
       where schemaname = 'parcels' and relname ~ '^(inbox|outbox|event|idempotency|saga)'`,
    );
  const settled = () => pause(3_000); // PostgreSQL publishes its counters now and then
  /** Remembers how often each table that is big by now was read from end to end, and how many rows of any table. */
  const note = async () => {
    await settled();
    const now = await patiently(scans);
    for (const { table, scans: count, rows } of now) if (rows > BIG && !before.has(table)) before.set(table, count);
    readBefore ??= sumOf(now);
  };
  const look = async () => {
    const asked = performance.now();
    const waits = await operations.backlog();
    slowestBacklogMs = Math.max(slowestBacklogMs, performance.now() - asked);
    return waits;
  };

  return {
    async fill() {
      for (let from = 1; from <= messages; from += FILL_BATCH) {
        await patiently(() => database.read(FILL, [from, Math.min(messages, from + FILL_BATCH - 1)]));
      }
      await note();
    },
    async carry() {
      [part, began] = ['carry', performance.now()];
      road.start();
      await road.stopHandling(); // so that all of it waits in the inbox too
    },
    async handle() {
      await note();
      [part, began] = ['handle', performance.now()];
      road.start();
    },
    async progress() {
      await pause(5_000);
      const { outbox, inbox, estimated } = await patiently(look);
      const left = part === 'carry' ? outbox : inbox;
      const seconds = (performance.now() - began) / 1_000;
      const about = estimated ? 'about ' : '';
      const done = left === 0 ? messages : messages - Math.max(1, left);
      if (done === messages) rates[part] = messages / seconds;
      return {
        done: Math.max(0, done),
        seconds,
        waits: `${about}${outbox} in the outbox, ${about}${inbox} in the inbox`,
      };
    },
    async result() {
      await settled();
      const after = await patiently(scans);
      const more = after
        .map(({ table, scans: count }) => ({ table, times: before.has(table) ? count - before.get(table) : 0 }))
        .filter(({ times }) => times > 0);
      return { rates, slowestBacklogMs, scans: more, rowsRead: sumOf(after) - readBefore };
    },
    async verify() {
      const count = (what) =>
        database.transaction(async (client) => {
          await client.query('set local statement_timeout = 0');
          return Number((await client.query({ text: `select ${what}`, query_timeout: 120_000 })).rows[0].found);
        });
      return {
        found: {
          carried: await count('count(*) as found from inbox'),
          handled: await count(
            `count(*) as found from inbox where done_at is not null and outcome = 'handled' and attempts = 1`,
          ),
          moves: await count('sum(moves) as found from parcel'),
        },
        expected: { carried: messages, handled: messages, moves: messages },
        failures: context.failures.map(String),
      };
    },
    close: context.close,
  };
}
