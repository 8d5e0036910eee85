import {
  MOST_RETURNS,
  completeReturn,
  evolveReturns,
  isReturnFact,
  leftOf,
  receiveReturn,
  rejectReturn,
  requestReturn,
  type Bought,
  type Return,
  type ReturnFact,
  type ReturnStatus,
} from './return.js';

const eur = (amount: number) => ({ amount, currency: 'EUR' });
const tea = { sku: 'TEA-001', quantity: 5, price: eur(450) };
const pot = { sku: 'POT-001', quantity: 1, price: eur(2_000) };
const completedAt = new Date('2026-11-01T12:00:00Z');
const at = (now: string, completed: Date | undefined = completedAt) => ({ completedAt: completed, now: new Date(now) });
const soon = at('2026-11-02T12:00:00Z');

const back = (status: ReturnStatus, quantity = 2): Return => ({
  returnId: 'r-1',
  status,
  lines: [{ sku: 'TEA-001', quantity }],
  amount: eur(900),
});
const bought = (...returns: Return[]): Bought => ({
  status: 'completed',
  lines: [tea, pot],
  total: eur(4_250),
  returns,
});
const wish = (...lines: { sku: string; quantity: number }[]) => ({ returnId: 'r-2', lines });

describe('asking to return something', () => {
  it('costs the shop what the pieces cost the customer', () => {
    const lines = [
      { sku: 'TEA-001', quantity: 2 },
      { sku: 'POT-001', quantity: 1 },
    ];
    expect(requestReturn(bought(), wish(...lines), soon)).toEqual({
      type: 'return-requested',
      data: { returnId: 'r-2', lines, amount: eur(2_900) },
    });
  });

  it.each(['placed', 'shipped', 'rejected', 'cancelled'])('is refused for an order that is %s', (status) => {
    const wanted = wish({ sku: 'TEA-001', quantity: 1 });
    expect(requestReturn({ ...bought(), status }, wanted, soon)).toEqual({ refused: 'not-completed' });
  });

  it.each([
    ['2026-12-01T12:00:00.000Z', undefined],
    ['2026-12-01T12:00:00.001Z', 'too-late'],
  ])('at %s, of what was completed thirty days before, is refused as %s', (now, refused) => {
    const decided = requestReturn(bought(), wish({ sku: 'TEA-001', quantity: 1 }), at(now));
    expect('refused' in decided ? decided.refused : undefined).toBe(refused);
  });

  it('is refused when there were too many before, whatever became of them', () => {
    const before = (count: number) => bought(...Array.from({ length: count }, () => back('rejected')));
    const wanted = wish({ sku: 'TEA-001', quantity: 1 });
    expect(requestReturn(before(MOST_RETURNS), wanted, soon)).toEqual({ refused: 'too-many' });
    expect(requestReturn(before(MOST_RETURNS - 1), wanted, soon)).toMatchObject({ type: 'return-requested' });
  });

  it('is refused for what was not bought, naming the line', () => {
    const wanted = wish({ sku: 'TEA-001', quantity: 1 }, { sku: 'TEA-404', quantity: 1 });
    expect(requestReturn(bought(), wanted, soon)).toEqual({ refused: 'not-bought', line: 1 });
  });

  it.each<[string, Return[], number, number]>([
    ['nothing came back', [], 5, 5],
    ['some is on its way back', [back('requested')], 5, 3],
    ['some has come back', [back('received')], 5, 3],
    ['some was refunded', [back('refunded')], 5, 3],
    ['a return was rejected', [back('rejected')], 5, 5],
    ['everything came back', [back('refunded'), back('requested', 3)], 5, 0],
  ])('when %s may take no more than is left', (_, returns, of, left) => {
    expect(leftOf(bought(...returns), 'TEA-001')).toBe(left);
    const ask = (quantity: number) => requestReturn(bought(...returns), wish({ sku: 'TEA-001', quantity }), soon);
    expect(ask(left + 1)).toEqual({ refused: 'more-than-left', line: 0, left });
    if (left > 0) expect(ask(left)).toMatchObject({ type: 'return-requested', data: { amount: eur(left * 450) } });
    expect(left).toBeLessThanOrEqual(of);
  });

  it('counts a product that is named twice twice', () => {
    const wanted = wish({ sku: 'TEA-001', quantity: 3 }, { sku: 'TEA-001', quantity: 3 });
    expect(requestReturn(bought(), wanted, soon)).toMatchObject({ refused: 'more-than-left' });
  });
});

describe('a return under way', () => {
  const all = { receiveReturn, completeReturn, rejectReturn: (of: Bought, id: string) => rejectReturn(of, id, 'why') };
  it.each<[ReturnStatus, string, string, string]>([
    ['requested', 'return-received', 'return-refunded', 'return-rejected'],
    ['received', '-', 'return-refunded', 'return-rejected'],
    ['refunded', '-', '-', '-'],
    ['rejected', '-', '-', '-'],
  ])('that is %s', (status, ...facts) => {
    const decided = Object.values(all).map((decide) => decide(bought(back(status)), 'r-1')[0]?.type ?? '-');
    expect(decided).toEqual(facts);
    expect(Object.values(all).flatMap((decide) => decide(bought(back(status)), 'r-9'))).toEqual([]);
  });

  it('folds its facts and leaves the others alone', () => {
    const facts: ReturnFact[] = [
      { type: 'return-requested', data: { returnId: 'a', lines: [{ sku: 'TEA-001', quantity: 1 }], amount: eur(450) } },
      { type: 'return-requested', data: { returnId: 'b', lines: [{ sku: 'TEA-001', quantity: 1 }], amount: eur(450) } },
      { type: 'return-received', data: { returnId: 'b' } },
      { type: 'return-rejected', data: { returnId: 'a', reason: 'lost' } },
      { type: 'return-refunded', data: { returnId: 'b' } },
    ];
    const returns = facts.reduce<readonly Return[]>(evolveReturns, []);
    expect(returns.map(({ returnId, status, rejectedBecause }) => [returnId, status, rejectedBecause])).toEqual([
      ['a', 'rejected', 'lost'],
      ['b', 'refunded', undefined],
    ]);
    expect([isReturnFact(facts[0]!), isReturnFact({ type: 'order-placed' })]).toEqual([true, false]);
  });
});
