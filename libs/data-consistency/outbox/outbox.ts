import type { Message } from '@holdfast/messaging';
import { defineWrite } from '../unit-of-work/write.js';

export interface OutboxRow {
  message_id: string;
  type: string;
  key: string;
  envelope: Message;
}

/** The outbox is append-only: a row is never rewritten, and leaves with its partition when it is old. */
export const appendToOutbox = defineWrite<OutboxRow>(
  'road.append-to-outbox',
  { message_id: 'uuid', type: 'text', key: 'text', envelope: 'json' },
  `insert into outbox (message_id, type, key, envelope) select message_id, type, key, envelope from rows`,
  { affects: 'any' },
);

/** The row of a message. */
export function outboxRow(message: Message): OutboxRow {
  return { message_id: message.id, type: message.type, key: message.subject, envelope: message };
}
