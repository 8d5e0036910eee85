import { toDecimal } from './building-blocks.js';

it.each([
  [0, 'EUR', '0.00'],
  [5, 'EUR', '0.05'],
  [99, 'EUR', '0.99'],
  [1234, 'EUR', '12.34'],
  [1200, 'JPY', '1200'],
  [7, 'BHD', '0.007'],
  [1234, 'IQD', '1.234'],
  [129_900, 'HUF', '1299.00'],
  [12345, 'CLF', '1.2345'],
  [1_000_000_000_000_000, 'USD', '10000000000000.00'],
])('%i minor units of %s are %s', (amount, currency, decimal) => {
  expect(toDecimal({ amount, currency })).toBe(decimal);
});

it.each([-1, 0.5, Number.NaN, 2 ** 53])('%d minor units are no amount', (amount) => {
  expect(() => toDecimal({ amount, currency: 'EUR' })).toThrow(RangeError);
});
