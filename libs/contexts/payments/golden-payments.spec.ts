import { goldenFaults } from '@holdfast/data-consistency';
import { join } from 'node:path';
import { paymentStream } from './payment.store.js';

const refundId = '01930a5d-ac96-774b-bcce-b302099a8003';
const today = {
  'payment-requested': {
    paymentId: '01930a5d-ac96-774b-bcce-b302099a8002',
    orderId: '01930a5d-ac96-774b-bcce-b302099a8057',
    customerId: '01930a5d-ac96-774b-bcce-b302099a8001',
    provider: 'acme',
    amount: { amount: 900, currency: 'EUR' },
    requestedAt: '2026-11-20T09:30:00.000Z',
  },
  'payment-authorised': { providerReference: 'acme-4711' },
  'payment-declined': { reason: 'card-declined' as const },
  'void-requested': {},
  'payment-voided': {},
  'capture-requested': { amount: 900 },
  'payment-captured': { amount: 900 },
  'refund-requested': { refundId, amount: 300 },
  'payment-refunded': { refundId, amount: 300 },
  'refund-refused': { refundId, because: 'account closed' },
};

// A fact that changes gets a new version, an upcaster and a golden event more (`sha256sum *.json > SHA256SUMS`). A fold that
// changes gets a new snapshotVersion, and SNAPSHOTS the lines that this test asks for.
it('every fact of a payment that was ever stored is read as it was meant', () => {
  expect(goldenFaults(paymentStream, { folder: join(import.meta.dirname, 'domain/golden'), today })).toEqual([]);
});
