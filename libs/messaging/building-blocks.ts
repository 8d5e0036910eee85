import { Type, type Static } from 'typebox';

export { Type, type Static };

/** Largest amount of minor units a message may carry: 10^15, well inside what a JSON number keeps exactly (2^53). */
export const LARGEST_AMOUNT = 1_000_000_000_000_000;

/**
 * Any UUID in its canonical lower-case form, and only so: ids are compared as text, and as a key one id in two spellings
 * would be two queues. (The format `uuid` of JSON Schema takes both.)
 */
export const Uuid = Type.String({ pattern: '^[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}$' });

/** What people call a thing by: 2 to 32 upper-case letters, digits and dashes, e.g. `ABC-001`. */
export const Code = Type.String({ pattern: '^[A-Z0-9][A-Z0-9-]{1,31}$' });

/** How many pieces of one thing: a whole number from 1 to 1,000. */
export const Quantity = Type.Integer({ minimum: 1, maximum: 1_000 });

/** Integer minor units, from nothing to 10^15. */
export const Amount = Type.Integer({ minimum: 0, maximum: LARGEST_AMOUNT });

/** ISO 4217 alphabetic code. */
export const Currency = Type.String({ pattern: '^[A-Z]{3}$' });

/** Money as integer minor units and its currency (ISO 4217), e.g. `{ amount: 450, currency: 'EUR' }` for € 4.50. */
export const Money = Type.Object({ amount: Amount, currency: Currency });
export type Money = Static<typeof Money>;

/** Digits after the point by ISO 4217, where they are not 2; `Intl` has those of CLDR, which shows none for HUF or IQD. */
const DIGITS = new Map<string, number>([
  ...'BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF'.split(' ').map((one) => [one, 0] as const),
  ...'BHD IQD JOD KWD LYD OMR TND'.split(' ').map((one) => [one, 3] as const),
  ...'CLF UYW'.split(' ').map((one) => [one, 4] as const),
]);

/**
 * Minor units as people and other systems write them: with as many digits after the point as ISO 4217 (list one, "minor
 * unit") gives the currency, 2 for one that is not in its list. Text all the way, so exact.
 *
 * @throws RangeError when the amount is no whole number from 0 to 2^53 − 1
 * @example toDecimal({ amount: 450, currency: 'EUR' }) // '4.50', and of JPY '450'
 */
export function toDecimal({ amount, currency }: Money): string {
  if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`${amount} is no amount of minor units`);
  const digits = DIGITS.get(currency) ?? 2;
  const text = String(amount).padStart(digits + 1, '0');
  return digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
}
