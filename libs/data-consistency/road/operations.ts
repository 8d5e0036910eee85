import type { QueryResultRow } from 'pg';
import { COUNTED, entriesOf } from '../database/counting.js';
import type { Database } from '../database/database.js';
import { readHorizon, type Horizon } from '../outbox/horizon.js';

/** How much waits on a context's road. */
export interface Backlog {
  /** Outbox rows the relay has not carried yet, and the age of the oldest, seconds. */
  outbox: number;
  outboxSeconds: number;
  /** Inbox rows in line, aside until due, and parked; and the age of the oldest in line, seconds. */
  inbox: number;
  inboxSeconds: number;
  delayed: number;
  parked: number;
  /** Whether one of the numbers is an estimate: more than 10,000 rows are not counted one by one. */
  estimated: boolean;
}

/** A message as an operator sees it: its envelope without its data, which may be confidential. */
export interface MessageSummary {
  messageId: string;
  handler: string;
  type: string;
  source: string;
  key: string;
  state: 'waiting' | 'delayed' | 'parked' | 'done';
  attempts: number;
  lastError: string | null;
  receivedAt: Date;
  dueAt: Date | null;
  traceparent: string | null;
}

/** Where a message stands: in line, aside until due, parked, or done. */
export type MessageState = MessageSummary['state'];

const IN_LINE = 'done_at is null and position is not null';

/** Which messages, and their order: that of an index. None has the whole line in order, so the first COUNTED of it are sorted. */
const STATES: Record<MessageState, string> = {
  waiting: `(select * from inbox where ${IN_LINE} and parked_at is null order by lane, position, handler limit ${COUNTED}) line
            order by position desc`,
  delayed: 'inbox where done_at is null and position is null order by due_at desc',
  parked: 'inbox where done_at is null and parked_at is not null order by parked_at desc',
  done: 'inbox where done_at is not null order by done_at desc',
};

/** Lanes whose first message is looked at for the age of a long line. */
const LANES_LOOKED_AT = 1_000;

/**
 * Each number from an index of its own, in bounded steps: the inbox also holds a month of finished messages, and what waits
 * may be millions. Exact up to COUNTED rows. A longer outbox is measured by its positions, a longer line by the size of its
 * index, and its age by the first messages of its first lanes: the eldest of a lane is its first.
 */
const BACKLOG = `
  with recursive cursor as materialized (select xid, position from relay_cursor),
  carried as materialized (
    select position, recorded_at from outbox
    where (xid, position) > ((select xid from cursor), (select position from cursor))
    order by outbox.xid, position limit ${COUNTED + 1}),
  line as materialized (
    select parked_at, coalesce(due_at, received_at) as since from inbox
    where ${IN_LINE} order by lane, position, handler limit ${COUNTED + 1}),
  first as (
    (select lane, parked_at, coalesce(due_at, received_at) as since, 1 as visited from inbox
     where ${IN_LINE} order by lane, position, handler limit 1)
    union all
    select next.*, first.visited + 1 from first cross join lateral (
      select lane, parked_at, coalesce(due_at, received_at) as since from inbox
      where ${IN_LINE} and lane > first.lane order by lane, position, handler limit 1) next
    where first.visited < ${LANES_LOOKED_AT}),
  delay as (select count(*) as counted from (
    select from inbox where done_at is null and position is null order by due_at limit ${COUNTED + 1}) counted_rows),
  park as (select count(*) as counted from (
    select from inbox where done_at is null and parked_at is not null order by parked_at limit ${COUNTED + 1}) counted_rows),
  told as (select count(*) as counted, min(recorded_at) as since from carried),
  wait as (select count(*) as counted, count(*) filter (where parked_at is null) as waiting,
                  min(since) filter (where parked_at is null) as since from line),
  sums as (
    select case when told.counted <= ${COUNTED} then told.counted
                else greatest(told.counted, (select position from outbox order by xid desc, position desc limit 1)
                                            - (select position from cursor)) end as outbox,
           told.since as told,
           case when wait.counted <= ${COUNTED} then wait.waiting
                else greatest(wait.waiting, ${entriesOf('inbox_line')} - park.counted) end as inbox,
           case when wait.counted <= ${COUNTED} then wait.since
                else (select min(since) filter (where parked_at is null) from first) end as waiting,
           case when delay.counted <= ${COUNTED} then delay.counted
                else greatest(delay.counted, ${entriesOf('inbox_delayed')}) end as delayed,
           case when park.counted <= ${COUNTED} then park.counted
                else greatest(park.counted, ${entriesOf('inbox_parked')}) end as parked,
           greatest(told.counted, wait.counted, delay.counted, park.counted) > ${COUNTED} as estimated
    from told, wait, delay, park)
  select outbox, coalesce(extract(epoch from clock_timestamp() - told), 0)::float8 as "outboxSeconds",
         inbox, coalesce(extract(epoch from clock_timestamp() - waiting), 0)::float8 as "inboxSeconds",
         delayed, parked, estimated
  from sums`;

interface Page {
  state: MessageState;
  limit: number;
}

/** What operators may see and do on a context's road. */
export class Operations {
  constructor(
    readonly context: string,
    private readonly database: Database,
    private readonly changed: () => void,
  ) {}

  /** What waits, for gauges and for people; the same effort however much it is. */
  async backlog(): Promise<Backlog> {
    const row = await this.database.one<Backlog & QueryResultRow>(BACKLOG);
    return row!;
  }

  /** Whether messages wait for somebody's open transaction, and whose it is. */
  async horizon(): Promise<Horizon> {
    return readHorizon(this.database);
  }

  /**
   * Messages in the inbox, newest first: by place in line, due time, time of parking or of completion. Of more than 10,000 in
   * line, those of the first lanes.
   */
  async messages({ state, limit }: Page): Promise<MessageSummary[]> {
    return this.database.read<MessageSummary & QueryResultRow>(
      `select message_id as "messageId", handler, type, source, envelope->>'subject' as key, $2::text as state,
              attempts + not_here as attempts, last_error as "lastError", received_at as "receivedAt", due_at as "dueAt",
              envelope->>'traceparent' as traceparent
       from ${STATES[state]} limit $1`,
      [limit, state],
    );
  }

  /** Messages this context has told others, newest first. */
  async outbox(limit: number): Promise<object[]> {
    return this.database.read(
      `select o.message_id as "messageId", o.type, o.key, o.recorded_at as "recordedAt",
              (o.xid, o.position) <= (c.xid, c.position) as carried, o.envelope->>'traceparent' as traceparent
       from outbox o, relay_cursor c order by o.xid desc, o.position desc limit $1`,
      [limit],
    );
  }

  /** Whether the message is parked here. */
  async isParked(messageId: string, handler?: string): Promise<boolean> {
    const rows = await this.database.read(
      `select from inbox where message_id = $1 and ($2::text is null or handler = $2) and parked_at is not null and done_at is null`,
      [messageId, handler ?? null],
    );
    return rows.length > 0;
  }

  /** Gives a parked message a fresh start. Returns whether there was one. */
  async redrive(messageId: string, handler?: string): Promise<boolean> {
    const rows = await this.database.read(
      `update inbox set parked_at = null, attempts = 0, not_here = 0, next_attempt_at = '-infinity', claimed_until = '-infinity'
       where message_id = $1 and ($2::text is null or handler = $2) and parked_at is not null and done_at is null returning 1`,
      [messageId, handler ?? null],
    );
    this.changed();
    return rows.length > 0;
  }

  /** Gives a parked message up; what waits behind it goes on. Returns whether there was one. */
  async discard(messageId: string, handler?: string): Promise<boolean> {
    const rows = await this.database.read(
      `update inbox set done_at = clock_timestamp(), outcome = 'discarded'
       where message_id = $1 and ($2::text is null or handler = $2) and parked_at is not null and done_at is null returning 1`,
      [messageId, handler ?? null],
    );
    this.changed();
    return rows.length > 0;
  }
}
