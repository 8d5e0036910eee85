/** Those that only look and buy, and leave nothing behind that others would stumble over. */
const QUIET_JOURNEYS = [
  'purchase',
  'cancellation',
  'refunds',
  'foreign-objects',
  'roles',
  'bad-input',
  'house-rules',
  'operations',
  'audit-trail',
];

/** Those that make trouble: providers that fail, crowds, processes that are killed or started again. */
const ROUGH_JOURNEYS = ['unhappy-paths', 'returns', 'oversell', 'accounts', 'idempotency', 'saga-operations'];

/** Enough of both kinds for `npm test`: every context, every compensation, and who may see what. */
export const SMOKE_JOURNEYS = {
  split: ['purchase', 'cancellation', 'refunds', 'foreign-objects', 'roles', 'house-rules', 'saga-operations'],
  partition: ['returns'],
};

export const ALL_JOURNEYS = [
  'products-and-stock', // first: it counts what was there from the start
  ...ROUGH_JOURNEYS,
  ...QUIET_JOURNEYS,
];
