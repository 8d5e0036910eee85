import pg from 'pg';
import { leaks } from './leaks.js';
import { moneyDisputes } from './money.js';
import { ORDERS, RETURNS } from './orders-by-events.js';
import { contextsOf } from './quiet.js';
import type { Shop } from './shop.js';
import { tracesBroken } from './traces.js';

export interface Exceptions {
  /** How many of the newest orders to ask the trace of; default 3. Spans are forgotten when a process is killed. */
  traces?: number;
}

type Finding = object;
type Findings = Record<string, Finding[]>;

/**
 * The shop's word, checked from outside: in its database as the superuser sees it, in the providers' own ledger, in its
 * log. Waits until the shop is quiet first.
 */
export async function expectInvariants(shop: Shop, exceptions?: Exceptions): Promise<void> {
  await shop.quiet(60_000);
  await examine(shop, exceptions);
}

/** Of a shop that is quiet. */
async function examine(shop: Shop, exceptions: Exceptions = {}): Promise<void> {
  const { traces = 3 } = exceptions;
  const findings: Findings = {
    ...(await broken(shop.database, BUSINESS, { name: 'the business', before: `with ${ORDERS}, ${RETURNS}` })),
    ...(await roadBroken(shop)),
    ...(await moneyDisputes(shop)),
    'something confidential is in the log': leaks(shop),
    'a trace is broken': await tracesBroken(shop, traces),
  };
  const some = Object.entries(findings).filter(([, found]) => found.length > 0);
  expect(Object.fromEntries(some.map(([rule, found]) => [rule, found.slice(0, 5)]))).toEqual({});
}

/** How often in a row a shop did not keep its word. */
const failuresInARow = new WeakMap<Shop, number>();

/** After two tests in a row: in a shop where something is stuck every further one would wait a minute for nothing. */
const isGivenUp = (shop: Shop) => (failuresInARow.get(shop) ?? 0) >= 2;

/** Checks the invariants after each test of this describe block, until the shop is given up. */
export function keepsItsWord(shop: () => Shop, exceptions?: Exceptions | (() => Exceptions)): void {
  beforeEach(() => {
    if (isGivenUp(shop()))
      throw new Error('This shop is given up: it did not keep its word after two tests before this.');
  });
  afterEach(async () => {
    const examined = shop();
    if (isGivenUp(examined)) return;
    failuresInARow.set(examined, (failuresInARow.get(examined) ?? 0) + 1);
    await examined.quiet(60_000);
    const said = JSON.stringify([...(await carriedUntil(examined.database, await contextsOf(examined.database)))]);
    // A test after which no context has said anything has changed nothing that the rules are about.
    if (said === provenAt.get(examined)) expect(leaks(examined)).toEqual([]);
    else await examine(examined, typeof exceptions === 'function' ? exceptions() : exceptions);
    provenAt.set(examined, said);
    failuresInARow.delete(examined);
  }, 180_000);
}

/** What a shop had said when it was last found to keep its word. */
const provenAt = new WeakMap<Shop, string>();

const STUCK = `exists (select from checkout.inbox i where i.parked_at is not null and i.done_at is null
                       and i.envelope->>'subject' = e.order_id::text)`;

const BUSINESS: Record<string, string> = {
  'an entry of the books has unequal sides': `
    select payment_id, movement, currency, sum(debit) as debit, sum(credit) as credit from payments.ledger_entry
    group by 1, 2, 3 having sum(debit) <> sum(credit)`,
  'more captured than authorised, or more refunded than captured': `
    select payment_id from payments.ledger_entry group by 1
    having sum(credit) filter (where account = 'sales') > coalesce(sum(debit) filter (where movement = 'authorise'), 0)
        or sum(debit) filter (where account = 'refunds') > coalesce(sum(credit) filter (where account = 'sales'), 0)`,
  'money is held for an order that has ended': `
    select e.order_id, e.status, sum(l.debit) - sum(l.credit) as held
    from ended e join payments.payment p using (order_id) join payments.ledger_entry l using (payment_id)
    where e.terminal and l.account = 'held-funds' group by 1, 2 having sum(l.debit) <> sum(l.credit)`,
  'stock and its movements disagree': `
    select s.sku from inventory.stock s left join inventory.stock_movement m using (sku) group by s.sku
    having s.on_hand <> sum(m.on_hand) or s.reserved <> sum(m.reserved) or s.shipped <> sum(m.shipped)
        or s.version <> max(m.version) or s.version <> count(m)
        or s.on_hand + s.shipped <> sum(m.on_hand) filter (where m.kind = 'adjust')`,
  'what is reserved is not what live reservations ask for': `
    select s.sku, s.reserved, coalesce(r.live, 0) as live from inventory.stock s left join (
      select line->>'sku' as sku, sum((line->>'quantity')::int) as live
      from inventory.reservation, jsonb_array_elements(lines) line where state in ('reserved', 'secured') group by 1) r
    using (sku) where s.reserved <> coalesce(r.live, 0)`,
  'goods are kept for an order that has ended otherwise': `
    select e.order_id, e.status, r.state from ended e join inventory.reservation r using (order_id)
    where e.terminal and r.state <> all (case when e.status = 'completed' then array['issued']
                                         else array['released', 'expired', 'rejected'] end)`,
  'the catalog says something else than the stock': `
    select s.sku, s.on_hand - s.reserved as really, a.available from inventory.stock s
    left join catalog.availability a using (sku) where a.available is distinct from s.on_hand - s.reserved`,
  'an order neither ended nor waits for a live timer': `
    select e.order_id, e.status from ended e left join checkout.saga s on s.id = e.order_id::text
    where not e.terminal and not ${STUCK}
      and not exists (select from checkout.inbox t where t.message_id = s.timer_id and t.done_at is null)`,
  'an order is both cancelled and completed': `select order_id from ended where torn`,
  'the purchase ended otherwise than its order': `
    select e.order_id, e.status, s.status as purchase from ended e left join checkout.saga s on s.id = e.order_id::text
    where e.terminal and not ${STUCK}
      and s.status is distinct from (case when e.status = 'completed' then 'completed' else 'compensated' end)`,
  'not exactly one shipment of a completed order, or one of another': `
    select e.order_id, e.status, count(s) as shipments, count(s.dispatched_at) as dispatched
    from ended e left join shipping.shipment s using (order_id) where e.terminal group by 1, 2
    having count(s) <> (e.status = 'completed')::int or count(s.dispatched_at) <> (e.status = 'completed')::int`,
  'the list of orders is not what their events say': `
    select e.order_id, e.status, s.status as listed from ended e
    left join orders.order_summary s on s.order_id = e.order_id and s.generation = (
      select generation from orders.projection_generation where name = 'order-summaries' and live)
    where s.status is distinct from e.status or s.version is distinct from e.version`,
  'a return neither ended nor waits for a live timer': `
    select r.return_id from returned r left join checkout.saga s on s.id = r.return_id::text
    where r.ended is null and not exists (select from checkout.inbox t where t.message_id = s.timer_id and t.done_at is null)`,
  'a return, its refund and its goods disagree': `
    select r.return_id, r.ended, r.amount, r.pieces, m.money, g.goods, p.status from returned r
    left join shipping.return_parcel p using (return_id)
    cross join lateral (select coalesce(sum(debit), 0) as money from payments.ledger_entry
                        where movement = r.return_id::text and account = 'refunds') m
    cross join lateral (select coalesce(sum(on_hand), 0) as goods from inventory.stock_movement
                        where return_id = r.return_id) g
    where (r.ended = 'refunded' and (m.money <> r.amount or g.goods <> r.pieces or p.status is distinct from 'received'))
       or (r.ended = 'rejected' and (m.money <> 0 or g.goods <> 0 or p.status not in ('called-off', 'sent-back')))`,
  'more pieces came back than were bought': `
    select back.order_id, back.sku from (
      select r.order_id, line->>'sku' as sku, sum((line->>'quantity')::int) as pieces
      from returned r, orders.event e, json_array_elements(e.data->'lines') line
      where r.ended is distinct from 'rejected' and e.stream_type = 'order' and e.stream_id = r.order_id::text
        and e.type = 'return-requested' and e.data->>'returnId' = r.return_id::text group by 1, 2) back
    cross join lateral (
      select coalesce(sum((line->>'quantity')::int), 0) as pieces
      from orders.event o, json_array_elements(o.data->'lines') line
      where o.stream_type = 'order' and o.stream_id = back.order_id::text and o.version = 1 and line->>'sku' = back.sku) sold
    where back.pieces > sold.pieces`,
  'a customer was not told how the order ended, or twice': `
    select e.order_id, e.status, count(n) from ended e left join notifications.notification n
      on n.order_id = e.order_id and n.template in ('order-completed', 'order-rejected', 'order-cancelled')
    where e.terminal group by 1, 2
    having count(n) <> 1 or min(n.template) <> 'order-' || e.status`,
};

/** What must hold on the road of a context. $1: parked on purpose, $2: secrets, $3 and $4: how far each context was searched for them. */
const onTheRoad = (context: string, index: number): Record<string, string> => ({
  [`${context}: a message was not carried`]: `
    select o.message_id, o.type from ${context}.outbox o, ${context}.relay_cursor c
    where (o.xid, o.position) > (c.xid, c.position)`,
  [`${context}: a message was neither handled nor given up nor parked on purpose`]: `
    select i.message_id, i.handler, i.attempts, i.last_error from ${context}.inbox i
    where i.done_at is null and not (i.position is null and i.due_at > clock_timestamp())
      and i.message_id <> all ($1::uuid[])
      and not exists (select from ${context}.inbox elder where elder.lane = i.lane and elder.done_at is null
                      and elder.position < i.position and elder.message_id = any ($1::uuid[]))`,
  [`${context}: a stream has a gap`]: `
    select stream_type, stream_id from ${context}.event group by 1, 2
    having min(version) <> 1 or max(version) <> count(*)`,
  [`${context}: somebody's address is in a message`]: `
    (select o.message_id, o.type from ${context}.outbox o
     where (o.xid, o.position) > (($3::xid8[])[${index + 1}], ($4::bigint[])[${index + 1}])
       and (o.envelope::text ~* '[a-z0-9-]+@(shoppers\\.example|holdfast\\.local)' or o.envelope::text like '%Compiler Lane%'
            or exists (select from unnest($2::text[]) secret where strpos(o.envelope::text, secret) > 0)) limit 5)`,
});

/** One question for all rules, planned once per connection: it is asked after every test. */
async function broken(
  database: Shop['database'],
  rules: Record<string, string>,
  question: Question,
): Promise<Findings> {
  const asked = Object.entries(rules).map(
    ([rule, sql]) => `select ${pg.escapeLiteral(rule)} as rule, to_jsonb(found) as finding from (${sql}) found`,
  );
  const { name, before = '', values = [] } = question;
  const text = `${before} ${asked.join(' union all ')}`;
  const { rows } = await database.query<{ rule: string; finding: Finding }>({ name, text, values });
  const found = Map.groupBy(rows, ({ rule }) => rule);
  return Object.fromEntries([...found].map(([rule, of]) => [rule, of.map(({ finding }) => finding)]));
}

interface Question {
  name: string;
  /** What all rules may read: `with ...`. */
  before?: string;
  values?: unknown[];
}

type Place = [xid: string, position: string];

const START: Place = ['0', '0'];

/** How far the messages of a shop's contexts were searched. They never change: none is searched again. */
const searched = new WeakMap<Shop, Map<string, Place>>();

async function roadBroken(shop: Shop): Promise<Findings> {
  const { database, confidential, parked } = shop;
  const contexts = await contextsOf(database);
  const places = contexts.map((context) => searched.get(shop)?.get(context) ?? START);
  const carried = await carriedUntil(database, contexts); // before the search: what comes meanwhile is searched next time
  const rules = Object.assign({}, ...contexts.map(onTheRoad)) as Record<string, string>;
  const values = [parked, [...confidential], places.map(([xid]) => xid), places.map(([, position]) => position)];
  const findings = await broken(database, rules, { name: 'the road', values });
  if (Object.keys(findings).length === 0) searched.set(shop, carried);
  return findings;
}

async function carriedUntil(database: Shop['database'], contexts: readonly string[]): Promise<Map<string, Place>> {
  const cursors = contexts.map(
    (context) => `select '${context}' as context, xid, position from ${context}.relay_cursor`,
  );
  const { rows } = await database.query<Record<'context' | 'xid' | 'position', string>>(cursors.join(' union all '));
  return new Map(rows.map(({ context, xid, position }) => [context, [xid, position]]));
}
