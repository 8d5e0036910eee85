import { ORDERS } from './orders-by-events.js';
import type { ProviderEntry } from './provider.js';
import type { Shop } from './shop.js';

interface Ended {
  order_id: string;
  status: string;
  terminal: boolean;
  amount: string;
}

type Dispute = { order: string; status: string; entries: string };

/** What the providers' own ledger says against ours: they know nothing of the shop's tables, and have the last word. */
export async function moneyDisputes({ database, provider }: Shop): Promise<Record<string, Dispute[]>> {
  const { rows } = await database.query<Ended>(
    `with ${ORDERS} select e.*, (o.data->'total'->>'amount') as amount from ended e
     join orders.event o on o.stream_id = e.order_id::text and o.stream_type = 'order' and o.version = 1`,
  );
  const entries = Map.groupBy(await provider.ledger(), ({ reference }) => reference);
  const cases = rows.map((order) => ({ order, ...tally(entries.get(order.order_id) ?? []) }));
  const where = (breaks: (one: (typeof cases)[number]) => boolean): Dispute[] =>
    cases.filter(breaks).map(({ order, entries }) => ({
      order: order.order_id,
      status: order.status,
      entries: entries.map(({ operation, outcome, amount }) => `${operation} ${outcome} ${amount}`).join(', '),
    }));
  const known = new Set(rows.map(({ order_id }) => order_id));
  return {
    'captured twice at the provider': where(({ captures }) => captures.length > 1),
    'authorised twice at the provider': where(({ authorisations }) => authorisations.length > 1),
    'completed without exactly one capture of the total': where(
      ({ order, captures }) =>
        order.status === 'completed' && (captures.length !== 1 || captures[0]!.amount !== Number(order.amount)),
    ),
    'captured for an order that was not completed': where(
      ({ order, captures, captured, refunded }) =>
        order.terminal && order.status !== 'completed' && captures.length > 0 && refunded !== captured,
    ),
    'an authorisation still lives for an order that has ended': where(
      ({ order, authorisations, captures, voids }) =>
        order.terminal && authorisations.length > captures.length + voids.length,
    ),
    'more refunded than captured at the provider': where(({ captured, refunded }) => refunded > captured),
    'the provider moved money for an order nobody placed': [...entries.keys()]
      .filter((reference) => !known.has(reference))
      .map((order) => ({ order, status: 'unknown', entries: '' })),
  };
}

function tally(entries: ProviderEntry[]) {
  const done = (operation: ProviderEntry['operation']) =>
    entries.filter((entry) => entry.operation === operation && entry.outcome === 'done');
  const sum = (some: ProviderEntry[]) => some.reduce((total, { amount }) => total + amount, 0);
  const [authorisations, captures, voids, refunds] = [done('authorise'), done('capture'), done('void'), done('refund')];
  return { entries, authorisations, captures, voids, captured: sum(captures), refunded: sum(refunds) };
}
