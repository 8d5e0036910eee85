import type { Message } from '@holdfast/messaging';

export interface OutboxEntry {
  xid: number;
  position: number;
  envelope: Message;
}

export interface InboxEntry {
  message_id: string;
  handler: string;
  lane: string;
  type: string;
  position: number | null;
  due_at: number | null;
  attempts: number;
  not_here: number;
  next_attempt_at: number;
  claim: string | null;
  claimed_until: number;
  last_error: string | null;
  parked: boolean;
  done: string | null;
  envelope: Message;
}

export interface Effect {
  message_id: string;
  handler: string;
  key: string;
}

/** One context's schema. What is in here is committed. */
export class ModelTables {
  outbox: OutboxEntry[] = [];
  readonly inbox = new Map<string, InboxEntry>();
  cursor = { via: 'in-process', xid: 0, position: 0 };
  epoch = 0;
  outboxPosition = 0;
  inboxPosition = 0;
  readonly sagas = new Map<string, Record<string, unknown> & { version: number; status: string }>();
  readonly timeline = new Set<string>();
  readonly requests = new Map<string, { fingerprint: string; result: unknown }>();
  readonly things = new Map<string, { status: string; count: number; version: number }>();
  /** In the order of their commits. */
  readonly effects: Effect[] = [];

  constructor(readonly context: string) {}

  /** Everything that waits or is at work, by lane and place in line. */
  line(): InboxEntry[] {
    const waiting = [...this.inbox.values()].filter(({ done, position }) => done === null && position !== null);
    return waiting.sort(
      (a, b) => compare(a.lane, b.lane) || a.position! - b.position! || compare(a.handler, b.handler),
    );
  }

  /** What the relay has not carried yet, in commit order. */
  beyond({ xid, position }: { xid: number; position: number }): OutboxEntry[] {
    return this.outbox
      .filter((entry) => entry.xid > xid || (entry.xid === xid && entry.position > position))
      .sort((a, b) => a.xid - b.xid || a.position - b.position);
  }
}

export const inboxKey = (row: { message_id: string; handler: string }) => `${row.message_id} ${row.handler}`;

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
