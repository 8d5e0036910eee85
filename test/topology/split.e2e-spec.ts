import { runJourneysIn } from '../support/shared-topology.js';

await runJourneysIn('split', [
  'products-and-stock',
  'purchase',
  'unhappy-paths',
  'cancellation',
  'refunds',
  'returns',
  'oversell',
  'foreign-objects',
  'roles',
  'bad-input',
  'accounts',
  'idempotency',
  'saga-operations',
  'house-rules',
  'operations',
  'audit-trail',
]);
