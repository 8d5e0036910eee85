import type { QueryResultRow } from 'pg';
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

/** Which messages, and their order, by an index where there may be many. */
const STATES: Record<MessageState, string> = {
  waiting: 'done_at is null and parked_at is null and position is not null order by position desc',
  delayed: 'done_at is null and position is null order by due_at desc',
  parked: 'done_at is null and parked_at is not null order by parked_at desc',
  done: 'done_at is not null order by done_at desc',
};

/** Each number from an index of its own: the inbox also holds a month of finished messages. */
const BACKLOG = `
  select o.outbox, o."outboxSeconds", line.waiting - parked.parked as inbox, line."inboxSeconds", delayed.delayed, parked.parked
  from (select count(*) as outbox, coalesce(extract(epoch from clock_timestamp() - min(recorded_at)), 0)::float8 as "outboxSeconds"
        from outbox, relay_cursor c where (outbox.xid, outbox.position) > (c.xid, c.position)) o,
       (select count(*) as waiting, coalesce(extract(epoch from clock_timestamp()
                 - min(coalesce(due_at, received_at)) filter (where parked_at is null)), 0)::float8 as "inboxSeconds"
        from inbox where done_at is null and position is not null) line,
       (select count(*) as delayed from inbox where done_at is null and position is null) delayed,
       (select count(*) as parked from inbox where done_at is null and parked_at is not null) parked`;

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

  /** What waits, for gauges and for people. */
  async backlog(): Promise<Backlog> {
    const row = await this.database.one<{ [Key in keyof Backlog]: number }>(BACKLOG);
    return row!;
  }

  /** Whether messages wait for somebody's open transaction, and whose it is. */
  async horizon(): Promise<Horizon> {
    return readHorizon(this.database);
  }

  /** Messages in the inbox, newest first: by place in line, due time, time of parking or of completion. */
  async messages({ state, limit }: Page): Promise<MessageSummary[]> {
    return this.database.read<MessageSummary & QueryResultRow>(
      `select message_id as "messageId", handler, type, source, envelope->>'subject' as key, $2::text as state, attempts,
              last_error as "lastError", received_at as "receivedAt", due_at as "dueAt", envelope->>'traceparent' as traceparent
       from inbox where ${STATES[state]} limit $1`,
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
      `update inbox set parked_at = null, attempts = 0, next_attempt_at = '-infinity', claimed_until = '-infinity',
              position = coalesce(position, nextval('inbox_position'))
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
