import { StockRejected, StockReleased, StockReserved } from '@holdfast/contracts/inventory';
import { OrderCancelled } from '@holdfast/contracts/orders';
import { PaymentAuthorised, PaymentDeclined, PaymentVoided } from '@holdfast/contracts/payments';
import { advance, begin, type SagaInput } from '@holdfast/data-consistency';
import { newId, type AnyContract, type DataOf } from '@holdfast/messaging';
import { purchase, type Purchase } from './purchase.saga.js';

const [orderId, customerId, paymentId] = [newId(), newId(), newId()];
const price = { amount: 450, currency: 'EUR' };
const order: Purchase = {
  orderId,
  customerId,
  lines: [{ sku: 'TEA-001', quantity: 2, price }],
  total: { amount: 900, currency: 'EUR' },
  paymentMethod: { provider: 'acme', token: 'tok_ok' },
};

function told<Contract extends AnyContract>({ type }: Contract, data: DataOf<Contract>): SagaInput {
  return { kind: 'event', type, data };
}
const reserved = told(StockReserved, { orderId, expiresAt: '2026-11-20T10:15:00.000Z' });
const authorised = told(PaymentAuthorised, { orderId, paymentId, amount: order.total });
const cancelled = told(OrderCancelled, { orderId, customerId, reason: 'changed my mind' });
const voided = told(PaymentVoided, { orderId });
const released = told(StockReleased, { orderId });

/** What is sent for each of them. */
function sentFor(...inputs: SagaInput[]) {
  let { instance } = begin(purchase, order);
  const sent = inputs.map((input) => {
    const next = advance(purchase, instance, input);
    instance = next?.instance ?? instance;
    return (next?.send ?? []).map(({ contract, data }) => {
      contract.assert(data);
      return contract.name;
    });
  });
  return { sent, instance };
}

describe('a purchase that turns', () => {
  it('tells once that it is undone, after the last undo, whatever is told twice', () => {
    const { sent, instance } = sentFor(reserved, authorised, cancelled, voided, cancelled, released, released, voided);
    expect(sent.slice(2)).toEqual([
      ['orders.reject-order', 'payments.void-payment'],
      ['inventory.release-stock'],
      [],
      ['checkout.purchase-compensated'],
      [],
      [],
    ]);
    expect(instance).toMatchObject({ status: 'compensated', reason: 'cancelled: changed my mind' });
  });

  it('undoes what was done, and no more', () => {
    const declined = told(PaymentDeclined, { orderId, paymentId, reason: 'card-declined' });
    expect(sentFor(reserved, declined, released).sent.slice(1)).toEqual([
      ['orders.reject-order', 'inventory.release-stock'],
      ['checkout.purchase-compensated'],
    ]);
    const missing = [{ sku: 'TEA-001', available: 1 }];
    expect(sentFor(told(StockRejected, { orderId, missing })).sent).toEqual([
      ['orders.reject-order', 'checkout.purchase-compensated'],
    ]);
  });
});
