import { operationOf, providerKey, type Operation } from './provider-key.js';

const paymentId = '01926f3e-0000-7000-8000-000000000001';
const refundId = '01926f3e-0000-7000-8000-000000000002';

it.each<Operation>([
  { kind: 'authorise', paymentId },
  { kind: 'capture', paymentId },
  { kind: 'void', paymentId },
  { kind: 'refund', paymentId, refundId },
])('the key of $kind leads back to it', (operation) => {
  expect(operationOf(providerKey(operation))).toEqual(operation);
});

it.each([
  '',
  paymentId,
  `${paymentId}.refund`,
  `${paymentId}.settle`,
  `${paymentId}.void.${refundId}`,
  `x${paymentId}.void`,
  'a.void',
])('%p is none of our keys', (key) => {
  expect(operationOf(key)).toBeUndefined();
});
