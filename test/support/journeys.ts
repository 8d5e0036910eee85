/** Those that only look and buy, and leave nothing behind that others would stumble over. */
const QUIET_JOURNEYS = [
  'purchase',
  'cancellation',
  'refunds',
  'identity',
  'documents',
  'foreign-objects',
  'roles',
  'bad-input',
  'house-rules',
  'operations',
  'audit-trail',
  'database-roles',
];

/** Those that make trouble: providers that fail, crowds, processes that are killed or started again. */
const ROUGH_JOURNEYS = [
  'unhappy-paths',
  'returns',
  'oversell',
  'accounts',
  'idempotency',
  'saga-operations',
  'open-transaction',
];

/** Enough of both kinds for `npm test`, in many processes: what is undone, who may see what, and what operators do. */
export const SMOKE_JOURNEYS = ['purchase', 'returns', 'audit-trail', 'foreign-objects', 'identity', 'documents'];

export const ALL_JOURNEYS = [
  'products-and-stock', // first: it counts what was there from the start
  'invariants', // while there is little yet: it judges the whole shop dozens of times
  ...ROUGH_JOURNEYS,
  ...QUIET_JOURNEYS,
];
