import { expire, isHeld, isStanding, issue, release, reserve, secure, type Reservation } from './reservation.js';
import { move, type Stock } from './stock.js';

const orderId = '01890a5d-ac96-774b-bcce-b302099a8057';
const expiresAt = new Date('2026-11-20T10:15:00Z');
const stockOf = (sku: string, onHand: number, reserved = 0): Stock => ({
  sku,
  onHand,
  reserved,
  shipped: 0,
  version: 1,
});
const shelf = new Map([stockOf('TEA-001', 10, 4), stockOf('TEA-002', 3)].map((one) => [one.sku, one]));
const request = (...lines: [sku: string, quantity: number][]) => ({
  orderId,
  expiresAt,
  lines: lines.map(([sku, quantity]) => ({ sku, quantity })),
});
const inState = (state: Reservation['state']): Reservation => ({
  ...reserve(request(['TEA-001', 2], ['TEA-002', 1]), shelf).reservation,
  state,
});
const states = ['reserved', 'secured', 'issued', 'released', 'expired', 'rejected'] as const;
const movementsOf = (transition: ReturnType<typeof release>) =>
  transition?.movements.map(({ kind, sku, onHand, reserved, shipped }) => [kind, sku, onHand, reserved, shipped]);

describe('reserving', () => {
  it('takes every line, up to the last piece', () => {
    const { reservation, movements } = reserve(request(['TEA-001', 6], ['TEA-002', 3]), shelf);
    expect(reservation).toMatchObject({ orderId, state: 'reserved', missing: [], expiresAt, version: 1 });
    expect(move(shelf, movements).map(({ stock }) => stock.reserved)).toEqual([10, 3]);
  });

  it('takes nothing when one line is short, and says what is missing', () => {
    const { reservation, movements } = reserve(request(['TEA-001', 6], ['TEA-002', 4]), shelf);
    expect(reservation).toMatchObject({
      state: 'rejected',
      missing: [{ sku: 'TEA-002', available: 3 }],
      expiresAt: null,
    });
    expect(movements).toEqual([]);
  });

  it('counts an unknown product as out of stock', () => {
    const { reservation } = reserve(request(['TEA-404', 1]), shelf);
    expect(reservation).toMatchObject({ state: 'rejected', missing: [{ sku: 'TEA-404', available: 0 }] });
  });

  it('adds up lines of one product before it decides', () => {
    expect(reserve(request(['TEA-002', 2], ['TEA-002', 2]), shelf).reservation.state).toBe('rejected');
    const { reservation, movements } = reserve(request(['TEA-002', 1], ['TEA-002', 2]), shelf);
    expect(reservation.lines).toEqual([{ sku: 'TEA-002', quantity: 3 }]);
    expect(movements).toHaveLength(1);
  });
});

describe('a reservation', () => {
  it.each(states)('%s: is held and standing only while the promise lasts', (state) => {
    expect(isHeld(inState(state))).toBe(['reserved', 'secured'].includes(state));
    expect(isStanding(inState(state))).toBe(['reserved', 'secured', 'issued'].includes(state));
  });

  it.each([
    ['release', (found: Reservation) => release(orderId, found), ['reserved', 'secured']],
    ['secure', secure, ['reserved']],
    ['issue', issue, ['reserved', 'secured']],
    ['expire', expire, ['reserved']],
  ] as const)('%s changes it only from the right states', (_, change, from) => {
    expect(states.filter((state) => change(inState(state)))).toEqual(from);
  });

  it('gives back every line when released or expired', () => {
    const givenBack = [
      ['release', 'TEA-001', 0, -2, 0],
      ['release', 'TEA-002', 0, -1, 0],
    ];
    expect(movementsOf(release(orderId, inState('secured')))).toEqual(givenBack);
    expect(movementsOf(expire(inState('reserved')))).toEqual(givenBack);
  });

  it('moves every line from on hand to shipped when issued', () => {
    expect(movementsOf(issue(inState('secured')))).toEqual([
      ['issue', 'TEA-001', -2, -2, 2],
      ['issue', 'TEA-002', -1, -1, 1],
    ]);
  });

  it('moves nothing when secured, and has the next version', () => {
    expect(secure(inState('reserved'))).toMatchObject({ reservation: { state: 'secured', version: 2 }, movements: [] });
  });

  it('is marked as released for an order that never asked', () => {
    const mark = release(orderId, undefined);
    expect(mark).toMatchObject({ reservation: { orderId, state: 'released', lines: [], version: 1 }, movements: [] });
    expect(isStanding(mark!.reservation)).toBe(false);
  });
});
