import type { Message } from '@holdfast/messaging';
import { defineWrite } from '../unit-of-work/write.js';

export interface OutboxRow {
  message_id: string;
  type: string;
  key: string;
  envelope: Message;
}

/** The outbox is append-only: a row is never rewritten, and leaves when it is old, with its partition if it has one. */
export const appendToOutbox = defineWrite<OutboxRow>(
  'road.append-to-outbox',
  { message_id: 'uuid', type: 'text', key: 'text', envelope: 'json' },
  `insert into outbox (message_id, type, key, envelope) select message_id, type, key, envelope from rows`,
  { affects: 'any' },
);

interface DelayedRow extends OutboxRow {
  /** Until it is due, milliseconds from the commit on. */
  after_ms: number;
}

/** The moment a message is due, told by the clock of the database: those of processes may be wrong. */
export const appendDelayed = defineWrite<DelayedRow>(
  'road.append-delayed-to-outbox',
  { message_id: 'uuid', type: 'text', key: 'text', envelope: 'json', after_ms: 'float8' },
  `insert into outbox (message_id, type, key, envelope)
   select message_id, type, key, (envelope::jsonb || jsonb_build_object('dueat', to_char(
     (clock_timestamp() + make_interval(secs => after_ms / 1000)) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')))::json
   from rows`,
  { affects: 'any' },
);

const LONGEST_WAIT_MS = 100 * 365 * 86_400_000;

/** The row of a message that waits. */
export function delayedRow(
  message: Message,
  { afterMs, dueAt }: { afterMs: number; dueAt?: Date | undefined },
): DelayedRow {
  if (dueAt !== undefined)
    throw new RangeError('A message is due at a moment or after a while: give dueAt or afterMs, not both');
  if (!(afterMs >= 0 && afterMs <= LONGEST_WAIT_MS))
    throw new RangeError(`afterMs is ${afterMs}: give milliseconds from 0 on, up to a hundred years`);
  return { ...outboxRow(message), after_ms: afterMs };
}

/** The row of a message. */
export function outboxRow(message: Message): OutboxRow {
  return { message_id: message.id, type: message.type, key: message.subject, envelope: message };
}
