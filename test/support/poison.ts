import { randomUUID } from 'node:crypto';
import type pg from 'pg';

export interface Poison {
  context: string;
  type?: string;
  /** Default: one that the context has, for this type. */
  handler?: string;
  /** The key whose messages wait behind it; default one of its own. */
  subject?: string;
  data?: unknown;
}

const DEFAULT_TYPE: Record<string, string> = {
  inventory: 'inventory.release-stock.v1',
  payments: 'payments.void-payment.v1',
};

/** Puts a message into a context's inbox by hand, as a faulty neighbour might. Returns its id. */
export async function poison(database: pg.Pool, { context, data = {}, ...how }: Poison): Promise<string> {
  const type = how.type ?? DEFAULT_TYPE[context]!;
  const subject = how.subject ?? randomUUID();
  const id = randomUUID();
  const envelope = {
    specversion: '1.0',
    id,
    source: context,
    type,
    subject,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    correlationid: randomUUID(),
    data,
  };
  const handler = how.handler ?? `on-${type.split('.')[1]}`;
  await database.query(
    `insert into ${context}.inbox (message_id, handler, lane, type, source, position, envelope)
     values ($1, $2, $3, $4, $5, nextval('${context}.inbox_position'), $6)`,
    [id, handler, `/${subject}`, type, context, envelope],
  );
  return id;
}
