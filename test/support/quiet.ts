import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { Provider } from './provider.js';
import { eventually } from './eventually.js';
import { hasBroker, undelivered } from './readers.js';

/** The schemas of all contexts in this database. */
export async function contextsOf(database: pg.Pool): Promise<string[]> {
  const { rows } = await database.query<{ name: string }>(
    `select table_schema as name from information_schema.tables where table_name = 'outbox' order by 1`,
  );
  return rows.map(({ name }) => name);
}

export interface Noise {
  context: string;
  what: 'outbox' | 'broker' | 'inbox' | 'saga' | 'projection';
  subject: string;
  detail: string;
}

/**
 * Everything that still moves or is about to, and every read model that has not seen all there is; read in one snapshot so that no
 * message can slip past between two looks. What waits behind a parked message does not move, and neither does its saga. Each part
 * goes down an index to what is left: it is asked thousands of times, and most of what there ever was is done.
 *
 * @param onTheWay select of what no reader has got, when that may be elsewhere than in an outbox
 */
export async function noise(database: pg.Pool, contexts: readonly string[], onTheWay = ''): Promise<Noise[]> {
  const parts = contexts.flatMap((context) => {
    const waiting = `
      select '${context}', 'inbox', i.envelope->>'subject',
             i.handler || ' attempt ' || i.attempts || coalesce(': ' || i.last_error, '')
      from ${context}.inbox i where i.done_at is null and i.parked_at is null`;
    return [
      `select '${context}' as context, 'outbox' as what, o.key as subject, o.type as detail from ${context}.outbox o
       where (o.xid, o.position) > ((select xid from ${context}.relay_cursor), (select position from ${context}.relay_cursor))`,
      `${waiting} and i.position is not null
         and not exists (select from ${context}.inbox elder where elder.lane = i.lane and elder.done_at is null
                         and elder.parked_at is not null and elder.position < i.position)`,
      `${waiting} and i.position is null and i.due_at <= statement_timestamp() + interval '3 seconds'`,
      // The second condition is that of the index.
      `select '${context}', 'saga', s.id, s.status || ' at step ' || s.step from ${context}.saga s
       where s.status in ('running', 'compensating') and s.status not in ('completed', 'compensated')
         and s.id not in (select subject from stuck)`,
      `select '${context}', 'projection', p.name, 'generation ' || p.generation from ${context}.projection_generation p
       where p.live and (select true from ${context}.event e where e.stream_type = p.stream_type
                         and (e.xid, e.position) > (p.xid, p.position) order by e.xid, e.position limit 1)`,
    ];
  });
  const stuck = contexts.map((context) => {
    return `select envelope->>'subject' as subject from ${context}.inbox where parked_at is not null and done_at is null`;
  });
  if (onTheWay) parts.push(`select context, 'broker', subject, detail from (${onTheWay}) on_the_way`);
  const text = `with stuck as (${stuck.join(' union ')}) ${parts.join(' union all ')} limit 500`;
  const name = `noise-${createHash('sha256').update(text).digest('hex').slice(0, 16)}`; // looking again costs no plan again
  return (await database.query<Noise>({ name, text })).rows;
}

/** "Act, then wait until quiet": nothing on any road, no purchase under way, nothing owed by the payment providers. */
export async function quiet(shop: { database: pg.Pool; provider: Provider }, withinMs = 45_000): Promise<void> {
  const contexts = await contextsOf(shop.database);
  const brokered = (await hasBroker(shop.database, contexts)) ? await undelivered(contexts) : '';
  let heard: unknown[] = [];
  await eventually(
    async () => {
      heard = await noise(shop.database, contexts);
      if (heard.length > 0) return false;
      // What a provider owes arrives while one looks elsewhere: it is asked first, and then everything once more.
      const { pendingWebhooks, pendingOutcomes } = await shop.provider.pending();
      if (pendingWebhooks + pendingOutcomes > 0) heard = [{ pendingWebhooks, pendingOutcomes }];
      else heard = await noise(shop.database, contexts, brokered);
      return heard.length === 0;
    },
    { what: () => `quiet. Still moving (${heard.length}):\n${JSON.stringify(heard.slice(0, 10), null, 1)}`, withinMs },
  );
}
