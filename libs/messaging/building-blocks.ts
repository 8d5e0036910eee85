import { Type, type Static } from 'typebox';

export { Type, type Static };

/** Largest amount of minor units a message may carry: 10^15, well inside what a JSON number keeps exactly (2^53). */
export const LARGEST_AMOUNT = 1_000_000_000_000_000;

/** Any UUID in its canonical lower-case form. */
export const Uuid = Type.String({ format: 'uuid' });

/** A moment in UTC, RFC 3339 with a `Z`. */
export const Instant = Type.String({ format: 'date-time' });

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
