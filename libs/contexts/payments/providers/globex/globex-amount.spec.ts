import { toDecimal } from './globex-amount.js';

it.each([
  [1234, 'EUR', '12.34'],
  [5, 'EUR', '0.05'],
  [1200, 'JPY', '1200'],
  [7, 'BHD', '0.007'],
  [12345, 'CLF', '1.2345'],
  [1_000_000_000_000_000, 'USD', '10000000000000.00'],
])('%i minor units of %s are %s', (amount, currency, decimal) => {
  expect(toDecimal({ amount, currency })).toBe(decimal);
});
