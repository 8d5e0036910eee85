import { type BasketRefusal, type Money, type OrderLine, totalOf } from './basket.js';
import { evolveReturns, isReturnFact, type Return, type ReturnFact } from './return.js';

export interface PaymentMethod {
  provider: string;
  token: string;
}

export interface Draft {
  orderId: string;
  customerId: string;
  lines: OrderLine[];
  paymentMethod: PaymentMethod;
}

type Nothing = Record<string, never>;

export interface OrderPlacedFact {
  type: 'order-placed';
  data: Draft & { total: Money };
}

type ProgressFact =
  | OrderPlacedFact
  | { type: 'order-reserved'; data: Nothing }
  | { type: 'order-authorised'; data: Nothing }
  | { type: 'order-confirmed'; data: Nothing }
  | { type: 'order-shipped'; data: Nothing }
  | { type: 'order-completed'; data: Nothing }
  | { type: 'order-rejected'; data: { reason: string } }
  | { type: 'order-cancelled'; data: { reason: string } };

export type OrderFact = ProgressFact | ReturnFact;

const ROAD = ['placed', 'reserved', 'authorised', 'confirmed', 'shipped', 'completed'] as const;
export const STATUSES = [...ROAD, 'rejected', 'cancelled'] as const;

type Step = (typeof ROAD)[number];
export type OrderStatus = (typeof STATUSES)[number];

export interface Order extends Draft {
  status: OrderStatus;
  total: Money;
  reason?: string;
  /** In the order they were asked for. A completed order stays completed, whatever comes back. */
  returns: readonly Return[];
}

export const STATUS_AFTER = {
  'order-placed': 'placed',
  'order-reserved': 'reserved',
  'order-authorised': 'authorised',
  'order-confirmed': 'confirmed',
  'order-shipped': 'shipped',
  'order-completed': 'completed',
  'order-rejected': 'rejected',
  'order-cancelled': 'cancelled',
} as const satisfies Record<ProgressFact['type'], OrderStatus>;

export function evolve(order: Order | undefined, fact: OrderFact): Order | undefined {
  if (fact.type === 'order-placed') return { ...fact.data, status: 'placed', returns: [] };
  if (isReturnFact(fact)) return order && { ...order, returns: evolveReturns(order.returns, fact) };
  return order && { ...order, ...fact.data, status: STATUS_AFTER[fact.type] };
}

export function replay(facts: readonly OrderFact[], order?: Order): Order | undefined {
  return facts.reduce(evolve, order);
}

export function placeOrder(draft: Draft): OrderPlacedFact | BasketRefusal {
  const total = totalOf(draft.lines);
  return 'refused' in total ? total : { type: 'order-placed', data: { ...draft, total } };
}

// Progress is told by the purchase and may come late, twice, or after a skipped step: it only ever moves forward.

export const markReserved = (order: Order): OrderFact[] =>
  forward(order, 'reserved', { type: 'order-reserved', data: {} });

export const markAuthorised = (order: Order): OrderFact[] =>
  forward(order, 'authorised', { type: 'order-authorised', data: {} });

export const confirm = (order: Order): OrderFact[] =>
  forward(order, 'confirmed', { type: 'order-confirmed', data: {} });

export const markShipped = (order: Order): OrderFact[] =>
  forward(order, 'shipped', { type: 'order-shipped', data: {} });

export const complete = (order: Order): OrderFact[] =>
  forward(order, 'completed', { type: 'order-completed', data: {} });

function forward(order: Order, step: Step, fact: OrderFact): OrderFact[] {
  return isOver(order.status) || hasReached(order, step) ? [] : [fact];
}

/** What is over has left the road: it has reached nothing. */
export function hasReached({ status }: Order, step: Step): boolean {
  return !isOver(status) && ROAD.indexOf(status) >= ROAD.indexOf(step);
}

function isOver(status: OrderStatus): status is 'rejected' | 'cancelled' {
  return status === 'rejected' || status === 'cancelled';
}

/** Confirming is the pivot: from there on the purchase can only be finished, so there is nothing left to reject. */
export function reject(order: Order, reason: string): OrderFact[] {
  return beforeThePivot(order) ? [{ type: 'order-rejected', data: { reason } }] : [];
}

export interface CancelRefusal {
  refused: 'on-its-way' | 'completed' | 'rejected';
}

export function cancel(order: Order, reason: string): OrderFact[] | CancelRefusal {
  if (beforeThePivot(order)) return [{ type: 'order-cancelled', data: { reason } }];
  switch (order.status) {
    case 'cancelled':
      return [];
    case 'rejected':
    case 'completed':
      return { refused: order.status };
    default:
      return { refused: 'on-its-way' };
  }
}

function beforeThePivot({ status }: Order): boolean {
  return status === 'placed' || status === 'reserved' || status === 'authorised';
}

export interface Viewer {
  id: string;
  roles: readonly string[];
}

export function seesEveryOrder({ roles }: Viewer): boolean {
  return roles.includes('admin');
}

export function isVisibleTo(order: Order, by: Viewer): boolean {
  return order.customerId === by.id || seesEveryOrder(by);
}
