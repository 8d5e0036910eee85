import type { Money } from '../../domain/payment.js';

const WITHOUT = 'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ');
const THREE = 'BHD IQD JOD KWD LYD OMR TND'.split(' ');
const FOUR = 'CLF UYW'.split(' ');

/** Digits after the point, ISO 4217 (not CLDR, which rounds some currencies for display). */
const DIGITS = new Map<string, number>([
  ...WITHOUT.map((currency) => [currency, 0] as const),
  ...THREE.map((currency) => [currency, 3] as const),
  ...FOUR.map((currency) => [currency, 4] as const),
]);

/** Minor units as Globex writes them: `{ amount: 1234, currency: 'EUR' }` is `12.34`. Text all the way, so exact. */
export function toDecimal({ amount, currency }: Money): string {
  const digits = DIGITS.get(currency) ?? 2;
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
