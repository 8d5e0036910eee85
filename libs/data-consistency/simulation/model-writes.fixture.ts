import { completeMessage } from '../inbox/inbox-queue.js';
import { appendToOutbox } from '../outbox/outbox.js';
import { appendTimeline, insertSaga, setTimer, stopTimer, updateSaga } from '../saga/saga-writes.js';
import { defineWrite } from '../unit-of-work/write.js';
import { inboxKey, type ModelTables } from './model-tables.fixture.js';

// oxlint-disable-next-line typescript/no-explicit-any -- rows of many tables
type Row = any;

/** A write as the model does it: how many rows it would affect, and then doing it. Nothing is applied until all are checked. */
interface ModelWrite {
  affects(tables: ModelTables, rows: Row[], now: number): number;
  apply(tables: ModelTables, rows: Row[], now: number): void;
}

/** A thing of the toy's contexts, with optimistic locking. */
export const saveThing = defineWrite<{ id: string; status: string; count: number; version: number }>(
  'toy.save-thing',
  { id: 'text', status: 'text', count: 'int', version: 'int' },
  `insert into thing (id, status, count, version) select id, status, count, version from rows
   on conflict (id) do update set status = excluded.status, count = excluded.count, version = excluded.version
     where thing.version = excluded.version - 1`,
);

/** One row per effect, unhindered by any key, so that doing something twice shows. */
export const recordEffect = defineWrite<{ message_id: string; handler: string; key: string }>(
  'toy.record-effect',
  { message_id: 'text', handler: 'text', key: 'text' },
  `insert into effect (message_id, handler, key) select message_id, handler, key from rows`,
);

const all = (rows: Row[]) => rows.length;
const sagaKey = ({ type, id }: Row) => `${type} ${id}`;
const requestKey = ({ id }: Row) => String(id);

const INSERT_REQUEST = /^insert into idempotency/;

export const modelWrites: readonly { is: (sql: string) => boolean; name: string; model: ModelWrite }[] = [
  // the outbox itself is filled by the transaction, which knows its id and drew the positions
  of(appendToOutbox, { affects: (_, rows) => all(rows), apply: () => {} }),
  of(completeMessage, {
    affects: (tables, rows) =>
      distinct(rows, inboxKey).filter((row) => {
        const entry = tables.inbox.get(inboxKey(row));
        return entry !== undefined && entry.claim === row.claim && entry.done === null;
      }).length,
    apply: (tables, rows) => {
      for (const row of rows) Object.assign(tables.inbox.get(inboxKey(row))!, { done: 'handled', last_error: null });
    },
  }),
  of(insertSaga, {
    affects: (tables, rows) => {
      if (rows.some((row) => tables.sagas.has(sagaKey(row))) || isTwice(rows, sagaKey)) throw duplicate('saga_pkey');
      return all(rows);
    },
    apply: (tables, rows) => {
      for (const row of rows) tables.sagas.set(sagaKey(row), { ...row });
    },
  }),
  of(updateSaga, {
    affects: (tables, rows) =>
      distinct(rows, sagaKey).filter((row) => tables.sagas.get(sagaKey(row))?.version === row.version - 1).length,
    apply: (tables, rows) => {
      for (const row of rows) tables.sagas.set(sagaKey(row), { ...row });
    },
  }),
  of(appendTimeline, {
    affects: (tables, rows) => {
      if (rows.some((row) => tables.timeline.has(timelineKey(row))) || isTwice(rows, timelineKey))
        throw duplicate('saga_timeline_pkey');
      return all(rows);
    },
    apply: (tables, rows) => {
      for (const row of rows) tables.timeline.add(timelineKey(row));
    },
  }),
  of(setTimer, {
    affects: (_, rows) => onConflict(rows, inboxKey).length,
    apply: (tables, rows, now) => {
      for (const { patience_ms, source: _, ...row } of rows) {
        const { lane, type } = tables.inbox.get(inboxKey(row)) ?? row; // these stay what they were
        const entry = { ...row, lane, type, position: null, due_at: now + patience_ms, ...FRESH };
        tables.inbox.set(inboxKey(row), entry);
      }
    },
  }),
  of(stopTimer, {
    affects: (_, rows) => all(rows),
    apply: (tables, rows) => {
      for (const row of rows) {
        const entry = tables.inbox.get(inboxKey(row));
        if (entry && entry.done === null) entry.done = 'discarded';
      }
    },
  }),
  of(saveThing, {
    affects: (tables, rows) =>
      onConflict(rows, ({ id }) => id).filter((row) => {
        const thing = tables.things.get(row.id);
        return thing === undefined || thing.version === row.version - 1;
      }).length,
    apply: (tables, rows) => {
      for (const { id, ...thing } of rows) tables.things.set(id, thing);
    },
  }),
  of(recordEffect, {
    affects: (_, rows) => all(rows),
    apply: (tables, rows) => void tables.effects.push(...rows),
  }),
  {
    name: 'road.record-request',
    is: (sql) => INSERT_REQUEST.test(sql),
    model: {
      affects: (tables, rows) =>
        onConflict(rows, requestKey).filter((row) => !tables.requests.has(requestKey(row))).length,
      apply: (tables, rows) => {
        for (const row of rows) tables.requests.set(requestKey(row), row);
      },
    },
  },
];

/** The library's own writes that the model stands for. */
export const modelWritesInUse = [
  appendToOutbox,
  completeMessage,
  insertSaga,
  updateSaga,
  appendTimeline,
  setTimer,
  stopTimer,
] as readonly { name: string; sql: string }[];

export const FRESH = {
  attempts: 0,
  not_here: 0,
  next_attempt_at: -Infinity,
  claim: null,
  claimed_until: -Infinity,
  last_error: null,
  parked: false,
  done: null,
};

/** What a failed statement throws: an error as the driver makes it. */
export function failure(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

function of(write: { name: string; sql: string }, model: ModelWrite) {
  return { name: write.name, is: (sql: string) => sql === write.sql, model };
}

const isTwice = (rows: Row[], key: (row: Row) => string) => new Set(rows.map(key)).size < rows.length;

/** An UPDATE that finds two rows for one of its own changes it once. */
const distinct = (rows: Row[], key: (row: Row) => string): Row[] => [
  ...new Map(rows.map((row) => [key(row), row])).values(),
];

/** INSERT … ON CONFLICT DO UPDATE refuses two rows of one key. */
function onConflict(rows: Row[], key: (row: Row) => string): Row[] {
  if (isTwice(rows, key)) throw failure('21000', 'ON CONFLICT DO UPDATE command cannot affect row a second time');
  return rows;
}

function duplicate(constraint: string): Error {
  return Object.assign(failure('23505', `duplicate key in ${constraint}`), { constraint });
}

function timelineKey({ type, id, version, ordinal }: Row): string {
  return `${type} ${id} ${version} ${ordinal}`;
}
