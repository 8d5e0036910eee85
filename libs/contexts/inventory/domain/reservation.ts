import {
  available,
  issuing,
  noStock,
  releasing,
  reserving,
  type Line,
  type Movement,
  type StockBySku,
} from './stock.js';

export type ReservationState = 'reserved' | 'secured' | 'issued' | 'released' | 'expired' | 'rejected';

export interface Shortage {
  readonly sku: string;
  readonly available: number;
}

/** What one order has been promised. It is made once and never comes back after it has ended. */
export interface Reservation {
  readonly orderId: string;
  readonly state: ReservationState;
  readonly lines: readonly Line[];
  readonly missing: readonly Shortage[];
  readonly expiresAt: Date | null;
  readonly version: number;
}

export interface Transition {
  readonly reservation: Reservation;
  readonly movements: readonly Movement[];
}

/** Goods are held for the order and still in the house. */
export const isHeld = ({ state }: Reservation): boolean => state === 'reserved' || state === 'secured';

/** The promise was made and kept so far. */
export const isStanding = (reservation: Reservation): boolean => isHeld(reservation) || reservation.state === 'issued';

export interface ReservationRequest {
  readonly orderId: string;
  readonly lines: readonly Line[];
  readonly expiresAt: Date;
}

/** All lines or nothing. */
export function reserve({ orderId, lines, expiresAt }: ReservationRequest, stock: StockBySku): Transition {
  const wanted = mergeLines(lines);
  const missing = wanted
    .map(({ sku, quantity }) => ({ sku, quantity, available: available(stock.get(sku) ?? noStock(sku)) }))
    .filter((line) => line.quantity > line.available)
    .map(({ sku, available }) => ({ sku, available }));
  const first = { orderId, lines: wanted, missing, version: 1 };
  return missing.length > 0
    ? { reservation: { ...first, state: 'rejected', expiresAt: null }, movements: [] }
    : { reservation: { ...first, state: 'reserved', expiresAt }, movements: wanted.map(reserving) };
}

/** An order nobody asked stock for leaves a mark, so that a request that comes too late is refused. */
export function release(orderId: string, found: Reservation | undefined): Transition | undefined {
  if (!found) return { reservation: refused(orderId), movements: [] };
  return isHeld(found) ? { reservation: to('released', found), movements: found.lines.map(releasing) } : undefined;
}

/** From here on it does not expire. */
export function secure(found: Reservation): Transition | undefined {
  return found.state === 'reserved' ? { reservation: to('secured', found), movements: [] } : undefined;
}

export function issue(found: Reservation): Transition | undefined {
  return isHeld(found) ? { reservation: to('issued', found), movements: found.lines.map(issuing) } : undefined;
}

export function expire(found: Reservation): Transition | undefined {
  return found.state === 'reserved'
    ? { reservation: to('expired', found), movements: found.lines.map(releasing) }
    : undefined;
}

export function mergeLines(lines: readonly Line[]): Line[] {
  const quantities = new Map<string, number>();
  for (const { sku, quantity } of lines) quantities.set(sku, (quantities.get(sku) ?? 0) + quantity);
  return [...quantities].map(([sku, quantity]) => ({ sku, quantity }));
}

const to = (state: ReservationState, before: Reservation): Reservation => ({
  ...before,
  state,
  version: before.version + 1,
});

const refused = (orderId: string): Reservation => ({
  orderId,
  state: 'released',
  lines: [],
  missing: [],
  expiresAt: null,
  version: 1,
});
