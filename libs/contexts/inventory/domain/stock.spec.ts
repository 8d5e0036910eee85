import {
  adjusting,
  available,
  coversReserved,
  issuing,
  move,
  noStock,
  releasing,
  reserving,
  returning,
  type Stock,
} from './stock.js';

const tea: Stock = { sku: 'TEA-001', onHand: 10, reserved: 4, shipped: 7, version: 3 };
const shelf = (...stock: Stock[]) => new Map(stock.map((one) => [one.sku, one]));
const after = (stock: Stock, movement: Parameters<typeof move>[1][number]) => move(shelf(stock), [movement])[0]!.stock;

describe('stock', () => {
  it('has available what is on hand and not reserved', () => {
    expect(available(tea)).toBe(6);
  });

  it.each([
    ['reserving', reserving({ sku: 'TEA-001', quantity: 6 }), { onHand: 10, reserved: 10, shipped: 7 }],
    ['releasing', releasing({ sku: 'TEA-001', quantity: 4 }), { onHand: 10, reserved: 0, shipped: 7 }],
    ['issuing', issuing({ sku: 'TEA-001', quantity: 3 }), { onHand: 7, reserved: 1, shipped: 10 }],
    ['returning', returning({ sku: 'TEA-001', quantity: 7 }), { onHand: 17, reserved: 4, shipped: 0 }],
    ['adjusting', adjusting(tea, 4), { onHand: 4, reserved: 4, shipped: 7 }],
  ])('%s moves the counts and the version', (_, movement, counts) => {
    expect(after(tea, movement)).toEqual({ sku: 'TEA-001', ...counts, version: 4 });
  });

  it('keeps on hand + shipped, except when adjusted', () => {
    for (const movement of [reserving, releasing, issuing, returning].map((moving) =>
      moving({ sku: 'TEA-001', quantity: 2 }),
    )) {
      const { onHand, shipped } = after(tea, movement);
      expect(onHand + shipped).toBe(17);
    }
  });

  it('is available as before once reserved goods are issued', () => {
    expect(available(after(tea, issuing({ sku: 'TEA-001', quantity: 2 })))).toBe(available(tea));
  });

  it.each([
    ['more reserved than on hand', reserving({ sku: 'TEA-001', quantity: 7 })],
    ['more released than reserved', releasing({ sku: 'TEA-001', quantity: 5 })],
    ['more issued than reserved', issuing({ sku: 'TEA-001', quantity: 5 })],
    ['more returned than ever shipped', returning({ sku: 'TEA-001', quantity: 8 })],
    ['less on hand than reserved', adjusting(tea, 3)],
  ])('refuses %s', (_, movement) => {
    expect(() => after(tea, movement)).toThrow(RangeError);
  });

  it('covers its reservations down to the last piece', () => {
    expect(coversReserved(tea, 4)).toBe(true);
    expect(coversReserved(tea, 3)).toBe(false);
  });

  it('begins with nothing, at version 1 after the first movement', () => {
    expect(after(noStock('TEA-009'), adjusting(noStock('TEA-009'), 5))).toEqual({
      sku: 'TEA-009',
      onHand: 5,
      reserved: 0,
      shipped: 0,
      version: 1,
    });
  });
});
