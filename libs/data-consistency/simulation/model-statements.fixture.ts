import type { CountedAs } from '../inbox/inbox-queue.js';
import { FRESH } from './model-writes.fixture.js';
import { inboxKey, type InboxEntry, type ModelTables } from './model-tables.fixture.js';

// oxlint-disable-next-line typescript/no-explicit-any -- parameters of many statements
type Values = any[];

/** What a statement sees of the server. */
export interface Sight {
  tables: ModelTables;
  /** The server's clock, ms. */
  now: number;
  /** The oldest transaction that still runs, as pg_snapshot_xmin. */
  horizon: number;
  bug?: PlantedBug;
}

/** What a fixture may get wrong on purpose, to show that the simulation finds it. */
export type PlantedBug =
  | 'the cursor moves before the batch is carried'
  | 'the relay reads by position, without the horizon'
  | 'the completion is not part of the effect'
  | 'a message is claimed although an elder of its lane is not done'
  | 'the completion does not look at the claim';

export interface ModelStatement {
  name: string;
  is: RegExp;
  run(sight: Sight, values: Values): object[];
}

const isReady = (entry: InboxEntry, now: number) =>
  !entry.parked && entry.next_attempt_at <= now && entry.claimed_until <= now;

const find = ({ tables }: Sight, [message_id, handler, claim]: Values): InboxEntry | undefined => {
  const entry = tables.inbox.get(inboxKey({ message_id, handler }));
  return entry && entry.done === null && entry.claim === claim ? entry : undefined;
};

function placeWhatIsDue(tables: ModelTables, now: number): number {
  const due = [...tables.inbox.values()].filter(
    ({ done, position, due_at }) => done === null && position === null && due_at !== null && due_at <= now,
  );
  due.sort(
    (a, b) => a.due_at! - b.due_at! || (inboxKey(a) < inboxKey(b) ? -1 : 1), // as the statement: due, id, handler
  );
  for (const entry of due) entry.position = ++tables.inboxPosition;
  return due.length;
}

function count(entry: InboxEntry, countedAs: CountedAs): void {
  if (countedAs !== 'failure') entry.attempts -= 1;
  if (countedAs !== 'nothing') entry.not_here = countedAs === 'failure' ? 0 : entry.not_here + 1;
}

/** When something is ready by the clock alone. */
function nextReadyMs(tables: ModelTables, now: number): number | null {
  let next = Infinity;
  for (const { done, position, due_at, parked, next_attempt_at } of tables.inbox.values()) {
    if (done !== null) continue;
    if (position === null && due_at !== null) next = Math.min(next, due_at);
    if (!parked && next_attempt_at > now) next = Math.min(next, next_attempt_at);
  }
  return next === Infinity ? null : next - now;
}

export const modelStatements: readonly ModelStatement[] = [
  {
    name: 'read the cursor',
    is: /^select xid::text as xid, position, .* from relay_cursor/,
    run: ({ tables: { cursor } }, [via]) =>
      cursor.via === via ? [{ xid: String(cursor.xid), position: cursor.position, ahead: false }] : [],
  },
  {
    name: 'read the outbox',
    is: /below_horizon from road_letters/,
    run: ({ tables, horizon, bug }, [xid, position, limit]) => {
      const blind = bug === 'the relay reads by position, without the horizon';
      const entries = blind
        ? tables.outbox.filter((entry) => entry.position > position).sort((a, b) => a.position - b.position)
        : tables.beyond({ xid: Number(xid), position });
      const unsettled = blind ? -1 : entries.findIndex(({ xid }) => xid >= horizon);
      return entries.slice(0, Math.min(limit, unsettled < 0 ? limit : unsettled + 1)).map((entry) => ({
        xid: String(entry.xid),
        position: entry.position,
        message_id: entry.envelope.id,
        type: entry.envelope.type,
        envelope: JSON.stringify(entry.envelope),
        below_horizon: blind || entry.xid < horizon,
      }));
    },
  },
  {
    name: 'move the cursor',
    is: /^update relay_cursor set xid/,
    run: ({ tables }, [xid, position, epoch, fromXid, from]) => {
      const { cursor } = tables;
      if (tables.epoch !== Number(epoch) || cursor.xid !== Number(fromXid) || cursor.position !== from) return [];
      tables.cursor = { ...cursor, xid: Number(xid), position };
      return [{}];
    },
  },
  {
    name: 'put into the inbox',
    is: /^with turn as materialized .* insert into inbox/,
    run: ({ tables, now }, [rows]) => {
      for (const { unreadable, due_at, source: _, ...row } of JSON.parse(rows)) {
        if (tables.inbox.has(inboxKey(row))) continue;
        const due = due_at === null ? null : Date.parse(due_at);
        const inLine = unreadable !== null || due === null || due <= now;
        const position = inLine ? ++tables.inboxPosition : null;
        const entry = { ...row, position, due_at: due, ...FRESH, parked: unreadable !== null, last_error: unreadable };
        tables.inbox.set(inboxKey(row), entry);
      }
      return [];
    },
  },
  {
    name: 'claim',
    is: /^with recursive turn as/,
    run: ({ tables, now, bug }, [after, limit, mostLanes, claim, leaseSeconds]) => {
      const next_ready_ms = nextReadyMs(tables, now);
      const blind = bug === 'a message is claimed although an elder of its lane is not done';
      const heads: InboxEntry[] = [];
      let reached: string | null = null;
      let visited = 0;
      for (const entry of tables.line()) {
        if (entry.lane <= after || (!blind && entry.lane === reached)) continue;
        if (visited >= mostLanes || heads.length >= limit) break;
        reached = entry.lane;
        visited += 1;
        if (isReady(entry, now)) heads.push(entry);
      }
      const unfinished = visited >= mostLanes || heads.length >= limit;
      const placed = placeWhatIsDue(tables, now); // the heads were looked for before: one statement sees one moment
      const walk = { reached, unfinished, placed, next_ready_ms };
      if (heads.length === 0) return [{ message_id: null, ...walk }];
      return heads.map((entry) => {
        Object.assign(entry, { claim, claimed_until: now + leaseSeconds * 1_000, attempts: entry.attempts + 1 });
        const { message_id, handler, type, attempts, not_here, envelope } = entry;
        return { message_id, handler, type, attempts, not_here, envelope, ...walk };
      });
    },
  },
  {
    name: 'renew leases',
    is: /^with mine as .* update inbox set claimed_until = clock_timestamp\(\)/,
    run: (sight, [ids, handlers, claims, leaseSeconds]) => {
      ids.forEach((id: string, index: number) => {
        const entry = find(sight, [id, handlers[index], claims[index]]);
        if (entry && entry.claimed_until > sight.now) entry.claimed_until = sight.now + leaseSeconds * 1_000;
      });
      return [];
    },
  },
  {
    name: 'try again later',
    is: /^update inbox set last_error = \$4, claimed_until/,
    run: (sight, values) => {
      const [, , , cause, seconds, countedAs] = values;
      const entry = find(sight, values);
      if (!entry || entry.parked) return [];
      entry.last_error = cause;
      entry.claimed_until = -Infinity;
      count(entry, countedAs);
      entry.next_attempt_at = sight.now + seconds * 1_000;
      return [];
    },
  },
  {
    name: 'park',
    is: /^update inbox set parked_at = clock_timestamp\(\), last_error/,
    run: (sight, values) => {
      const entry = find(sight, values);
      if (!entry) return [];
      Object.assign(entry, { parked: true, last_error: values[3], claimed_until: -Infinity });
      count(entry, values[4]);
      return [];
    },
  },
  {
    name: 'redrive',
    is: /^update inbox set parked_at = null/,
    run: ({ tables }, [id, handler]) => {
      const rows = [...tables.inbox.values()].filter(
        (entry) =>
          entry.message_id === id &&
          (handler === null || entry.handler === handler) &&
          entry.parked &&
          entry.done === null,
      );
      for (const entry of rows) {
        Object.assign(entry, {
          parked: false,
          attempts: 0,
          not_here: 0,
          next_attempt_at: -Infinity,
          claimed_until: -Infinity,
        });
      }
      return rows.map(() => ({}));
    },
  },
  {
    name: 'load a saga',
    is: /^select id, definition_version, status, step, state/,
    run: ({ tables }, [type, id]) => {
      const saga = tables.sagas.get(`${type} ${id}`);
      return saga ? [{ ...saga }] : [];
    },
  },
  {
    name: 'find the record of a request',
    is: /^select fingerprint, result, .* from idempotency/,
    run: ({ tables }, [id]) => {
      const found = tables.requests.get(String(id));
      return found ? [{ ...found, newest: '0' }] : [];
    },
  },
  {
    name: 'look at a thing of the toy',
    is: /^select status, count, version from thing/,
    run: ({ tables }, [id]) => {
      const thing = tables.things.get(id);
      return thing ? [{ ...thing }] : [];
    },
  },
  { name: 'make partitions', is: /^select road_roll_outbox\(.*\) where/, run: () => [] },
  { name: 'make and drop partitions', is: /^select road_roll_outbox/, run: () => [] },
  { name: 'forget what is old', is: /^delete from (inbox|idempotency) where ctid/, run: () => [] },
];
