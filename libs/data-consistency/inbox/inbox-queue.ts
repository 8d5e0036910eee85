import type { Message } from '@holdfast/messaging';
import type { Database } from '../database/database.js';
import { defineWrite } from '../unit-of-work/write.js';

/** A message claimed for one handler until the lease ends. */
export interface ClaimedMessage {
  messageId: string;
  handler: string;
  type: string;
  /** Counts this attempt too. */
  attempts: number;
  claim: string;
  envelope: Message;
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

/** The inbox as its worker sees it. */
export class InboxQueue {
  constructor(
    private readonly database: Database,
    /** Lease in milliseconds: how long a message of a crashed worker waits for another one. */
    private readonly leaseMs: number,
  ) {}

  /** Claims up to `limit` messages that are first of their lane, oldest first. */
  async claim(limit: number, claim: string): Promise<ClaimedMessage[]> {
    const rows = await this.database.read<{ message_id: string; handler: string; type: string; attempts: number; envelope: Message }>(
      `with claimable as (
         select message_id, handler from inbox i
         where done_at is null and position is not null and parked_at is null
           and next_attempt_at <= clock_timestamp() and claimed_until <= clock_timestamp()
           and not exists (select from inbox elder where elder.lane = i.lane and elder.done_at is null
                           and elder.position is not null and elder.position < i.position)
         order by position limit $1 for update skip locked)
       update inbox set claim = $2, claimed_until = clock_timestamp() + make_interval(secs => $3), attempts = attempts + 1
       from claimable where inbox.message_id = claimable.message_id and inbox.handler = claimable.handler
       returning inbox.message_id, inbox.handler, inbox.type, inbox.attempts, inbox.envelope`,
      [limit, claim, this.leaseMs / 1_000],
    );
    return rows.map(({ message_id, ...row }) => ({ ...row, messageId: message_id, claim }));
  }

  /** Prolongs the leases of messages whose handlers are still at work. */
  async renew(claims: readonly string[]): Promise<void> {
    await this.database.read(
      `update inbox set claimed_until = clock_timestamp() + make_interval(secs => $2)
       where claim = any($1::uuid[]) and done_at is null and claimed_until > clock_timestamp()`,
      [claims, this.leaseMs / 1_000],
    );
  }

  /** Lets a message try again later. `counted: false` gives the attempt back: it was not the handler's fault. */
  async retryLater(message: ClaimedMessage, { cause, afterMs, counted }: { cause: string; afterMs: number; counted: boolean }): Promise<void> {
    await this.database.read(
      `update inbox set last_error = $4, claimed_until = '-infinity', attempts = attempts - $6::int,
              next_attempt_at = clock_timestamp() + make_interval(secs => $5)
       where message_id = $1 and handler = $2 and claim = $3 and done_at is null`,
      [message.messageId, message.handler, message.claim, cause, afterMs / 1_000, counted ? 0 : 1],
    );
  }

  /** Sets a message aside with its cause; the younger ones of its lane wait for it. */
  async park(message: ClaimedMessage, cause: string): Promise<void> {
    await this.database.read(
      `update inbox set parked_at = clock_timestamp(), last_error = $4, claimed_until = '-infinity'
       where message_id = $1 and handler = $2 and claim = $3 and done_at is null`,
      [message.messageId, message.handler, message.claim, cause],
    );
  }

  /** Gives what fell due its place in line; returns how many. */
  async promoteDue(): Promise<number> {
    const rows = await this.database.read(
      `with due as (select message_id, handler from inbox where done_at is null and position is null
                    and due_at <= clock_timestamp() order by due_at limit 1000 for update skip locked)
       update inbox set position = nextval('inbox_position') from due
       where inbox.message_id = due.message_id and inbox.handler = due.handler returning 1`,
    );
    return rows.length;
  }

  /** Milliseconds until something waiting becomes ready by the clock alone, or undefined. */
  async nextReadyIn(): Promise<number | undefined> {
    const row = await this.database.one<{ ms: number | null }>(
      `select (extract(epoch from least(
         (select min(due_at) from inbox where done_at is null and position is null),
         (select min(greatest(next_attempt_at, claimed_until)) from inbox
          where done_at is null and position is not null and parked_at is null
            and greatest(next_attempt_at, claimed_until) > clock_timestamp())
       ) - clock_timestamp()) * 1000)::float8 as ms`,
    );
    return row?.ms === null || row?.ms === undefined ? undefined : Math.max(0, row.ms);
  }
}
