import { parseType, type Message, type MessageSink } from '@holdfast/messaging';
import { crashPoint } from '../crash-points/crash-point.js';
import { query, type Database } from '../database/database.js';
import type { Handlers } from './handler.js';

interface InboxRow {
  message_id: string;
  handler: string;
  lane: string;
  type: string;
  source: string;
  due_at: string | null;
  envelope: Message;
  unreadable: string | null;
}

/** Name in the inbox for a message whose version nobody here reads. */
export const NO_HANDLER = '(no handler)';

/**
 * The durable queue of a context: one row per message and handler. What arrives twice is ignored, what nobody can read is
 * parked with its cause, what is due later waits aside and takes its place in line when it falls due.
 */
export class Inbox implements MessageSink {
  constructor(
    readonly context: string,
    private readonly database: Database,
    private readonly handlers: Handlers,
    private readonly arrived: () => void,
  ) {}

  get contracts(): MessageSink['contracts'] {
    return this.handlers.contracts;
  }

  reads({ type }: Message): boolean {
    const parsed = parseType(type);
    return parsed !== undefined && this.handlers.readsContract(parsed.name);
  }

  async ingest(messages: readonly Message[]): Promise<void> {
    const rows = messages.flatMap((message) => this.rowsOf(message));
    if (rows.length === 0) return;
    for (const piece of inPieces(rows))
      await crashPoint(
        'inbox.ingest',
        () => this.context,
        () => query(this.database.pool, INGEST, [piece]),
      );
    this.arrived();
  }

  private rowsOf(message: Message): InboxRow[] {
    const handlers = this.handlers.of(message.type);
    const row = {
      message_id: message.id,
      type: message.type,
      source: message.source,
      due_at: message.dueat ?? null,
      envelope: message,
    };
    if (handlers.length === 0) {
      return [{ ...row, handler: NO_HANDLER, lane: laneOf('', message), unreadable: 'no handler reads this version' }];
    }
    return handlers.map(({ name, lane }) => ({ ...row, handler: name, lane: laneOf(lane, message), unreadable: null }));
  }
}

/**
 * Characters of one statement, unless one row alone has more: a page of messages as large as they may be would make a text longer
 * than V8 can hold, and the next attempt the same one. A crash in between leaves what comes again and is ignored.
 */
const LONGEST_PIECE = 16 * 2 ** 20;

function* inPieces(rows: readonly InboxRow[]): Generator<string> {
  let texts: string[] = [];
  let length = 0;
  for (const row of rows) {
    const text = JSON.stringify(row);
    if (texts.length > 0 && length + text.length > LONGEST_PIECE) {
      yield `[${texts.join()}]`;
      [texts, length] = [[], 0];
    }
    texts.push(text);
    length += text.length;
  }
  yield `[${texts.join()}]`;
}

/** Lanes keep messages of one key in order; a handler with a lane of its own is in order only with itself. */
export function laneOf(lane: string, { subject }: Pick<Message, 'subject'>): string {
  return `${lane}/${subject}`;
}

/**
 * Who gives out positions takes turns, from the first position to the commit. Positions thus become visible in their own
 * order: nobody sees, and runs, the younger of two messages while the elder is still being committed.
 */
export const TAKE_TURN = `select pg_advisory_xact_lock(hashtext('holdfast inbox'), hashtext(current_schema()))`;

const INGEST = `
  with turn as materialized (${TAKE_TURN})
  insert into inbox (message_id, handler, lane, type, source, due_at, envelope, position, parked_at, last_error)
  select message_id, handler, lane, type, source, due_at, envelope,
         case when unreadable is not null or due_at is null or due_at <= clock_timestamp() then nextval('inbox_position') end,
         case when unreadable is not null then clock_timestamp() end, unreadable
  from json_to_recordset($1::json) as r(message_id uuid, handler text, lane text, type text, source text,
                                        due_at timestamptz, envelope json, unreadable text), turn
  on conflict (message_id, handler) do nothing`;
