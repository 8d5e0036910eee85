import { goldenFaults } from '@holdfast/data-consistency';
import { join } from 'node:path';
import { orderStream } from './order.store.js';

const today = {
  'order-placed': {
    orderId: '01930a5d-ac96-774b-bcce-b302099a8057',
    customerId: '01930a5d-ac96-774b-bcce-b302099a8001',
    lines: [{ sku: 'TEA-001', quantity: 2, price: { amount: 450, currency: 'EUR' } }],
    paymentMethod: { provider: 'acme', token: 'tok_ok' },
    total: { amount: 900, currency: 'EUR' },
  },
  'order-reserved': {},
  'order-authorised': {},
  'order-confirmed': {},
  'order-shipped': {},
  'order-completed': {},
  'order-rejected': { reason: 'payment declined' },
  'order-cancelled': { reason: 'cancelled by the customer' },
  'return-requested': {
    returnId: '01930a5d-ac96-774b-bcce-b302099a8099',
    lines: [{ sku: 'TEA-001', quantity: 1 }],
    amount: { amount: 450, currency: 'EUR' },
  },
  'return-received': { returnId: '01930a5d-ac96-774b-bcce-b302099a8099' },
  'return-refunded': { returnId: '01930a5d-ac96-774b-bcce-b302099a8099' },
  'return-rejected': { returnId: '01930a5d-ac96-774b-bcce-b302099a8099', reason: 'refund refused' },
};

// A fact that changes gets a new version, an upcaster and a golden event more (`sha256sum *.json > SHA256SUMS`).
it('every fact of an order that was ever stored is read as it was meant', () => {
  expect(goldenFaults(orderStream, { folder: join(import.meta.dirname, 'domain/golden'), today })).toEqual([]);
});
