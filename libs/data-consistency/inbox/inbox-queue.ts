import type { Message } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { TAKE_TURN } from './inbox.js';
import { expectedOnce, rowsFrom } from '../unit-of-work/rows-from.js';
import { defineWrite } from '../unit-of-work/write.js';

/** A message claimed for one handler until the lease ends. */
export interface ClaimedMessage {
  messageId: string;
  handler: string;
  type: string;
  /** Counts this attempt too, but none of those that {@link notHere} counts. */
  attempts: number;
  /** How often in a row code tried it before that cannot handle it. */
  notHere: number;
  claim: string;
  envelope: Message;
}

/** What an attempt that came to nothing counts as: the handler failed, code cannot handle it, or nobody is to blame. */
export type CountedAs = 'failure' | 'not-here' | 'nothing';

export interface ClaimRequest {
  /** Messages at most. */
  limit: number;
  /** Names this claim. */
  claim: string;
  /** Lanes up to this one have had their turn; '' begins with the first. */
  after: string;
}

export interface Claimed {
  messages: ClaimedMessage[];
  /** Where to go on; undefined when the last lane was looked at. */
  resumeAfter?: string;
  /** Delayed messages that fell due and have got their place in line: the next claim finds them. */
  placed: number;
  /** Milliseconds until a delayed or retried message becomes ready by the clock alone. */
  nextReadyInMs?: number;
}

interface ClaimRow {
  message_id: string;
  handler: string;
  type: string;
  attempts: number;
  not_here: number;
  envelope: Message;
  reached: string;
  unfinished: boolean;
  placed: number;
  next_ready_ms: number | null;
}

/** Another worker took the message over; what this one collected is not committed. */
export class ClaimLost extends Error {
  override readonly name = 'ClaimLost';
}

interface CompletedRow {
  message_id: string;
  handler: string;
  claim: string;
}

/** Part of the handler's own statement: effect and completion commit together, once. */
export const completeMessage = defineWrite<CompletedRow>(
  'road.complete-message',
  { message_id: 'uuid', handler: 'text', claim: 'uuid' },
  `update inbox set done_at = clock_timestamp(), outcome = 'handled', last_error = null from rows
   where inbox.message_id = rows.message_id and inbox.handler = rows.handler and inbox.claim = rows.claim
     and inbox.done_at is null`,
  { missed: () => new ClaimLost('The lease on this message ended before its handler did') },
);

/** The claim counted the attempt as one of the handler's: gives it back unless it was. */
const counted = (as: string) => `attempts = attempts - (${as}::text <> 'failure')::int,
              not_here = case ${as}::text when 'failure' then 0 when 'not-here' then not_here + 1 else not_here end`;

/** The inbox as its worker sees it. */
export class InboxQueue {
  constructor(
    private readonly database: Database,
    /** Lease in milliseconds: how long a message of a crashed worker waits for another one. */
    private readonly leaseMs: number,
  ) {}

  /**
   * One look at the inbox: gives what fell due its place in line, claims up to `limit` messages that are first of their lane,
   * lane after lane, and says when to look again.
   */
  async claim({ limit, claim, after }: ClaimRequest): Promise<Claimed> {
    const rows = await this.database.read<ClaimRow>(CLAIM, [
      after,
      limit,
      LANES_PER_CLAIM,
      claim,
      this.leaseMs / 1_000,
    ]);
    const messages = rows
      .filter(({ message_id }) => message_id !== null)
      .map(({ message_id, handler, type, attempts, not_here, envelope }) => ({
        messageId: message_id,
        handler,
        type,
        attempts,
        notHere: not_here,
        envelope,
        claim,
      }));
    const [walk] = rows; // it stands in each row, and in one of its own when there is no message
    return {
      messages,
      placed: walk?.placed ?? 0,
      ...(walk?.unfinished && { resumeAfter: walk.reached }),
      ...(typeof walk?.next_ready_ms === 'number' && { nextReadyInMs: Math.max(0, walk.next_ready_ms) }),
    };
  }

  /** Prolongs the leases of messages whose handlers are still at work. */
  async renew(held: readonly ClaimedMessage[]): Promise<void> {
    await this.database.read(RENEW, [
      held.map((one) => one.messageId),
      held.map((one) => one.handler),
      held.map((one) => one.claim),
      this.leaseMs / 1_000,
    ]);
  }

  /** Hands a message that nobody could read when it came to the handlers that can read it now, at its old place in line. */
  async assign(message: ClaimedMessage, handlers: readonly { handler: string; lane: string }[]): Promise<void> {
    await this.database.read(ASSIGN, [message.messageId, message.handler, message.claim, JSON.stringify(handlers)]);
  }

  /** Lets a message try again later. Beside a failure, only an attempt that never ended uses up one of the handler's attempts. */
  async retryLater(
    message: ClaimedMessage,
    { cause, afterMs, countedAs }: { cause: string; afterMs: number; countedAs: CountedAs },
  ): Promise<void> {
    await this.database.read(
      `update inbox set last_error = $4, claimed_until = '-infinity', ${counted('$6')},
              next_attempt_at = clock_timestamp() + make_interval(secs => $5)
       where message_id = $1 and handler = $2 and claim = $3 and done_at is null and parked_at is null`,
      [message.messageId, message.handler, message.claim, cause, afterMs / 1_000, countedAs],
    );
  }

  /** Sets a message aside with its cause; the younger ones of its lane wait for it. */
  async park(message: ClaimedMessage, { cause, countedAs }: { cause: string; countedAs: CountedAs }): Promise<void> {
    await this.database.read(
      `update inbox set parked_at = clock_timestamp(), last_error = $4, claimed_until = '-infinity', ${counted('$5')}
       where message_id = $1 and handler = $2 and claim = $3 and done_at is null`,
      [message.messageId, message.handler, message.claim, cause, countedAs],
    );
  }
}

// Conditions compare with statement_timestamp(): clock_timestamp() is volatile, and no index is searched by a volatile value.

/** Lanes looked at per claim: a bound on the statement, however many lanes are blocked. */
const LANES_PER_CLAIM = 1_000;

const READY = `parked_at is null and next_attempt_at <= statement_timestamp() and claimed_until <= statement_timestamp()`;

/** The first message of the first lane after another one. */
const headAfter = (lane: string) => `
  select lane, message_id, handler, ${READY} as ready from inbox
  where done_at is null and position is not null and lane > ${lane} order by lane, position, handler limit 1`;

/**
 * Takes the turn first, when something is due at all, and only then the rows: who waited for the turn with rows in its hands
 * would place them behind younger ones. What others placed meanwhile is no longer without a position, and the lock on the
 * row finds that out. Positions are drawn from a sorted subquery: a join with the rows to update would draw them in an
 * order of its own.
 */
const DUE = `
  turn as materialized (
    select due_at, (${TAKE_TURN}) from (
      select due_at from inbox where done_at is null and position is null
        and due_at <= statement_timestamp() order by due_at limit 1) first_due),
  due as materialized (
    select next.* from turn cross join lateral (
      select message_id, handler, due_at from inbox where done_at is null and position is null
        and due_at between turn.due_at and statement_timestamp() order by due_at limit 1000 for update skip locked) next),
  in_line as materialized (
    select message_id, handler, nextval('inbox_position') as place
    from (select * from due order by due_at, message_id, handler) in_order),
  placed as (
    update inbox set position = in_line.place from in_line
    where inbox.message_id = in_line.message_id and inbox.handler = in_line.handler returning 1)`;

const NEXT_READY_MS = `
  select (extract(epoch from least(
    (select min(due_at) from inbox where done_at is null and position is null),
    (select min(next_attempt_at) from inbox where done_at is null and parked_at is null
       and next_attempt_at > '-infinity' and next_attempt_at > statement_timestamp())
  ) - clock_timestamp()) * 1000)::float8`;

/**
 * Jumps from lane to lane over the index (a loose index scan) and looks at the first message of each: what waits behind a
 * parked or running message costs nothing, however much it is. It does not wait for the disk: a claim that a crash of the
 * server takes back is one that nobody can complete.
 *
 * @see https://wiki.postgresql.org/wiki/Loose_indexscan
 */
const CLAIM = `
  with recursive ${DUE},
  head as (
    select h.*, 1 as visited, h.ready::int as found from (${headAfter('$1::text')}) h
    union all
    select h.*, head.visited + 1, head.found + h.ready::int from head cross join lateral (${headAfter('head.lane')}) h
    where head.found < $2::int and head.visited < $3::int),
  claimable as (
    select first.message_id, first.handler from head cross join lateral (
      select message_id, handler from inbox
      where message_id = head.message_id and handler = head.handler and done_at is null and ${READY}
      limit 1 for update skip locked) first
    where head.ready and ${expectedOnce('head.visited')}),
  claimed as (
    update inbox set claim = $4::uuid, claimed_until = clock_timestamp() + make_interval(secs => $5), attempts = attempts + 1
    from claimable where inbox.message_id = claimable.message_id and inbox.handler = claimable.handler
    returning inbox.message_id, inbox.handler, inbox.type, inbox.attempts, inbox.not_here, inbox.envelope)
  select claimed.*, walk.*, set_config('synchronous_commit', 'off', true)
  from (select max(lane) as reached, coalesce(max(visited) >= $3::int or max(found) >= $2::int, false) as unfinished,
               (select count(*)::int from placed) as placed, (${NEXT_READY_MS}) as next_ready_ms from head) walk
  left join claimed on true`;

const HELD = rowsFrom('unnest($1::uuid[]), unnest($2::text[]), unnest($3::uuid[])', ['message_id', 'handler', 'claim']);

/**
 * Waits for no row: one that is locked is being completed and needs no lease any more. Waiting for it with others in its hands
 * would keep a group of completions, which takes them in an order of its own, and be kept by it.
 */
const RENEW = `
  with mine as (
    select free.message_id, free.handler from (${HELD}) held cross join lateral (
      select message_id, handler from inbox
      where message_id = held.message_id and handler = held.handler and claim = held.claim
        and done_at is null and claimed_until > statement_timestamp()
      limit 1 for update skip locked) free)
  update inbox set claimed_until = clock_timestamp() + make_interval(secs => $4) from mine
  where inbox.message_id = mine.message_id and inbox.handler = mine.handler`;

const ASSIGN = `
  with unread as (
    select * from inbox where message_id = $1 and handler = $2 and claim = $3 and done_at is null for update),
  assigned as (
    insert into inbox (message_id, handler, lane, type, source, position, due_at, received_at, envelope)
    select message_id, r.handler, r.lane, type, source,
           case when due_at is null or due_at <= statement_timestamp() then position end, due_at, received_at, envelope
    from unread, json_to_recordset($4::json) as r(handler text, lane text)
    on conflict (message_id, handler) do nothing)
  update inbox set done_at = clock_timestamp(), outcome = 'assigned', last_error = null from unread
  where inbox.message_id = unread.message_id and inbox.handler = unread.handler`;
