import type { Money, OrderLine } from './basket.js';

export interface ReturnLine {
  sku: string;
  quantity: number;
}

export const RETURN_STATUSES = ['requested', 'received', 'refunded', 'rejected'] as const;
export type ReturnStatus = (typeof RETURN_STATUSES)[number];

export interface Return {
  returnId: string;
  status: ReturnStatus;
  lines: ReturnLine[];
  amount: Money;
  /** Why it was rejected. */
  rejectedBecause?: string;
}

export interface ReturnWish {
  returnId: string;
  lines: ReturnLine[];
}

export type ReturnFact =
  | { type: 'return-requested'; data: ReturnWish & { amount: Money } }
  | { type: 'return-received'; data: { returnId: string } }
  | { type: 'return-refunded'; data: { returnId: string } }
  | { type: 'return-rejected'; data: { returnId: string; reason: string } };

export const isReturnFact = (fact: { type: string }): fact is ReturnFact => fact.type.startsWith('return-');

export function evolveReturns(returns: readonly Return[], fact: ReturnFact): Return[] {
  const { returnId } = fact.data;
  const turned = (change: Partial<Return>) =>
    returns.map((one) => (one.returnId === returnId ? { ...one, ...change } : one));
  switch (fact.type) {
    case 'return-requested':
      return [...returns, { returnId, status: 'requested', lines: fact.data.lines, amount: fact.data.amount }];
    case 'return-received':
      return turned({ status: 'received' });
    case 'return-refunded':
      return turned({ status: 'refunded' });
    case 'return-rejected':
      return turned({ status: 'rejected', rejectedBecause: fact.data.reason });
  }
}

/** What an order must be asked before something of it comes back. */
export interface Bought {
  status: string;
  lines: readonly OrderLine[];
  total: Money;
  returns: readonly Return[];
}

export const RETURN_DAYS = 30;
/** Each is a part of the order's stream, which is read whole: without a limit, pieces that come back one by one make it endless. */
export const MOST_RETURNS = 100;
const DAY_MS = 86_400_000;

export type ReturnRefusal =
  | { refused: 'not-completed' }
  | { refused: 'too-late' }
  | { refused: 'too-many' }
  | { refused: 'not-bought'; line: number }
  | { refused: 'more-than-left'; line: number; left: number };

export interface Moments {
  /** When the order was completed; undefined: it is not. */
  completedAt: Date | undefined;
  now: Date;
}

export function requestReturn(order: Bought, wish: ReturnWish, at: Moments): ReturnFact | ReturnRefusal {
  if (order.status !== 'completed' || !at.completedAt) return { refused: 'not-completed' };
  if (at.now.getTime() - at.completedAt.getTime() > RETURN_DAYS * DAY_MS) return { refused: 'too-late' };
  if (order.returns.length >= MOST_RETURNS) return { refused: 'too-many' };

  const strange = wish.lines.findIndex(({ sku }) => priceOf(order, sku) === undefined);
  if (strange >= 0) return { refused: 'not-bought', line: strange };

  const tooMany = wish.lines.findIndex(({ sku }) => piecesIn(wish.lines, sku) > leftOf(order, sku));
  if (tooMany >= 0) return { refused: 'more-than-left', line: tooMany, left: leftOf(order, wish.lines[tooMany]!.sku) };

  const amount = wish.lines.reduce((sum, { sku, quantity }) => sum + priceOf(order, sku)! * quantity, 0);
  return { type: 'return-requested', data: { ...wish, amount: { amount, currency: order.total.currency } } };
}

/** Pieces that were bought and are not coming back yet; a return under way counts, a rejected one does not. */
export function leftOf({ lines, returns }: Pick<Bought, 'lines' | 'returns'>, sku: string): number {
  const coming = returns.filter(({ status }) => status !== 'rejected').flatMap((one) => one.lines);
  return piecesIn(lines, sku) - piecesIn(coming, sku);
}

const piecesIn = (lines: readonly ReturnLine[], sku: string) =>
  lines.filter((line) => line.sku === sku).reduce((sum, { quantity }) => sum + quantity, 0);

const priceOf = ({ lines }: Bought, sku: string) => lines.find((line) => line.sku === sku)?.price.amount;

// Progress may be told late and twice: what a return has behind it changes nothing.

export function receiveReturn({ returns }: Bought, returnId: string): ReturnFact[] {
  return statusOf(returns, returnId) === 'requested' ? [{ type: 'return-received', data: { returnId } }] : [];
}

export function completeReturn({ returns }: Bought, returnId: string): ReturnFact[] {
  return isUnderWay(returns, returnId) ? [{ type: 'return-refunded', data: { returnId } }] : [];
}

export function rejectReturn({ returns }: Bought, returnId: string, reason: string): ReturnFact[] {
  return isUnderWay(returns, returnId) ? [{ type: 'return-rejected', data: { returnId, reason } }] : [];
}

const statusOf = (returns: readonly Return[], returnId: string) =>
  returns.find((one) => one.returnId === returnId)?.status;

function isUnderWay(returns: readonly Return[], returnId: string): boolean {
  const status = statusOf(returns, returnId);
  return status === 'requested' || status === 'received';
}
