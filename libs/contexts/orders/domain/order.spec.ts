import type { OrderLine } from './basket.js';
import {
  STATUSES,
  cancel,
  complete,
  confirm,
  evolve,
  isVisibleTo,
  markAuthorised,
  markReserved,
  markShipped,
  placeOrder,
  reject,
  replay,
  type Order,
  type OrderFact,
  type OrderStatus,
} from './order.js';

const tea: OrderLine = { sku: 'TEA-001', quantity: 2, price: { amount: 450, currency: 'EUR' } };
const draft = {
  orderId: '01926f3e-0000-7000-8000-000000000001',
  customerId: '01926f3e-0000-7000-8000-000000000002',
  lines: [tea],
  paymentMethod: { provider: 'acme', token: 'tok_ok' },
};

function orderThatIs(status: OrderStatus): Order {
  return { ...draft, total: { amount: 900, currency: 'EUR' }, status, returns: [] };
}

describe('placing an order', () => {
  it('records what was ordered and what it costs', () => {
    expect(placeOrder(draft)).toEqual({
      type: 'order-placed',
      data: { ...draft, total: { amount: 900, currency: 'EUR' } },
    });
  });

  it('passes on why a basket is refused', () => {
    expect(placeOrder({ ...draft, lines: [] })).toEqual({ refused: 'empty' });
  });
});

describe('every decision in every status', () => {
  const decisions = {
    markReserved,
    markAuthorised,
    confirm,
    markShipped,
    complete,
    reject: (order: Order) => reject(order, 'out of stock'),
    cancel: (order: Order) => cancel(order, 'changed my mind'),
  };

  // Which fact a decision answers; - for nothing to do, ! for a refusal.
  const [header, ...rows] = `
    status      markReserved  markAuthorised  confirm    markShipped  complete   reject    cancel
    placed      reserved      authorised      confirmed  shipped      completed  rejected  cancelled
    reserved    -             authorised      confirmed  shipped      completed  rejected  cancelled
    authorised  -             -               confirmed  shipped      completed  rejected  cancelled
    confirmed   -             -               -          shipped      completed  -         !on-its-way
    shipped     -             -               -          -            completed  -         !on-its-way
    completed   -             -               -          -            -          -         !completed
    rejected    -             -               -          -            -          -         !rejected
    cancelled   -             -               -          -            -          -         -`
    .trim()
    .split('\n')
    .map((line) => line.trim().split(/ +/));

  const cells = rows.flatMap(([status, ...expected]) =>
    expected.map(
      (cell, column) => [status as OrderStatus, header![column + 1] as keyof typeof decisions, cell] as const,
    ),
  );

  it('has a cell for each of them', () => {
    const every = STATUSES.flatMap((status) => Object.keys(decisions).map((name) => `${status} ${name}`));
    expect(cells.map(([status, name]) => `${status} ${name}`)).toEqual(every);
  });

  it.each(cells)('%s, %s → %s', (status, name, expected) => {
    const decided = decisions[name](orderThatIs(status));
    const answered = 'refused' in decided ? `!${decided.refused}` : decided.map(({ type }) => type).join() || '-';
    expect(answered).toBe(/^[-!]/.test(expected) ? expected : `order-${expected}`);
  });

  it.each(cells.filter(([, , expected]) => !/^[-!]/.test(expected)))(
    '%s, %s: deciding again after %s changes nothing',
    (status, name) => {
      const before = orderThatIs(status);
      const after = replay(decisions[name](before) as OrderFact[], before)!;
      expect(decisions[name](after)).toEqual([]);
    },
  );

  it('never changes the order it is asked about', () => {
    for (const [status, name] of cells) {
      const order = Object.freeze(orderThatIs(status));
      decisions[name](order);
      expect(order).toEqual(orderThatIs(status));
    }
  });
});

describe('how an order follows from its facts', () => {
  const placed = {
    type: 'order-placed',
    data: { ...draft, total: { amount: 900, currency: 'EUR' } },
  } as const satisfies OrderFact;

  it('does not exist before it is placed', () => {
    expect(replay([])).toBeUndefined();
    expect(evolve(undefined, { type: 'order-reserved', data: {} })).toBeUndefined();
  });

  it('walks the road to its end', () => {
    const steps = [markReserved, markAuthorised, confirm, markShipped, complete];
    const statuses: OrderStatus[] = [];
    let order = evolve(undefined, placed)!;
    for (const step of steps) {
      statuses.push(order.status);
      order = replay(step(order), order)!;
    }
    expect([...statuses, order.status]).toEqual([
      'placed',
      'reserved',
      'authorised',
      'confirmed',
      'shipped',
      'completed',
    ]);
  });

  it('keeps why it was rejected or cancelled, and what was ordered', () => {
    const rejected = evolve(orderThatIs('reserved'), { type: 'order-rejected', data: { reason: 'out of stock' } });
    expect(rejected).toEqual({ ...orderThatIs('rejected'), reason: 'out of stock' });
    const cancelled = evolve(orderThatIs('authorised'), {
      type: 'order-cancelled',
      data: { reason: 'changed my mind' },
    });
    expect(cancelled).toEqual({ ...orderThatIs('cancelled'), reason: 'changed my mind' });
  });
});

describe('who sees an order', () => {
  it.each([
    ['its customer', { id: draft.customerId, roles: [] }, true],
    ['another customer', { id: 'somebody-else', roles: [] }, false],
    ['an operator', { id: 'somebody-else', roles: ['operator'] }, false],
    ['an administrator', { id: 'somebody-else', roles: ['admin'] }, true],
  ])('%s', (_, by, visible) => {
    expect(isVisibleTo(orderThatIs('placed'), by)).toBe(visible);
  });
});
