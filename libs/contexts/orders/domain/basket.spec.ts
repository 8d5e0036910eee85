import { LARGEST_TOTAL, totalOf, type OrderLine } from './basket.js';

function line(sku: string, quantity: number, amount: number, currency = 'EUR'): OrderLine {
  return { sku, quantity, price: { amount, currency } };
}

describe('the total of a basket', () => {
  it.each<[string, OrderLine[], number]>([
    ['one piece', [line('TEA-001', 1, 450)], 450],
    ['several pieces', [line('TEA-001', 3, 450)], 1350],
    ['several lines', [line('TEA-001', 2, 450), line('TEA-002', 1, 99)], 999],
    ['something free', [line('TEA-001', 5, 0)], 0],
    ['exactly the largest total', [line('TEA-001', 1, LARGEST_TOTAL - 1), line('TEA-002', 1, 1)], LARGEST_TOTAL],
  ])('adds up %s', (_, lines, amount) => {
    expect(totalOf(lines)).toEqual({ amount, currency: 'EUR' });
  });

  it.each<[string, OrderLine[]]>([
    ['by one', [line('TEA-001', 1, LARGEST_TOTAL), line('TEA-002', 1, 1)]],
    ['in one line', [line('TEA-001', 1000, LARGEST_TOTAL)]],
    [
      'beyond what a number holds exactly',
      Array.from({ length: 100 }, (_, at) => line(`TEA-${at}`, 1000, LARGEST_TOTAL)),
    ],
  ])('refuses a total over the cap %s', (_, lines) => {
    expect(totalOf(lines)).toEqual({ refused: 'too-expensive' });
  });

  it('refuses an empty basket', () => {
    expect(totalOf([])).toEqual({ refused: 'empty' });
  });

  it('refuses a second currency and says in which line', () => {
    expect(totalOf([line('TEA-001', 1, 450), line('TEA-002', 1, 450), line('TEA-003', 1, 500, 'USD')])).toEqual({
      refused: 'mixed-currencies',
      line: 2,
    });
  });

  it('refuses the same product twice and says in which line', () => {
    expect(totalOf([line('TEA-001', 1, 450), line('TEA-002', 1, 450), line('TEA-001', 1, 450)])).toEqual({
      refused: 'sku-twice',
      line: 2,
    });
  });
});
