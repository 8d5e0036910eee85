import { StockRestocked } from '@holdfast/contracts/inventory';
import { ReturnCompleted, ReturnRequested } from '@holdfast/contracts/orders';
import { PaymentRefunded, RefundRefused } from '@holdfast/contracts/payments';
import { ReturnReceived, ReturnSentBack } from '@holdfast/contracts/shipping';
import { advance, begin, type SagaInput, type SagaInstance } from '@holdfast/data-consistency';
import { newId, type AnyContract, type DataOf, type Outgoing } from '@holdfast/messaging';
import { returns, type Return } from './return.saga.js';

const [returnId, orderId, customerId, paymentId] = [newId(), newId(), newId(), newId()];
const amount = { amount: 900, currency: 'EUR' };
const wish = { returnId, orderId, customerId, lines: [{ sku: 'TEA-001', quantity: 2 }], amount };
const of = { returnId, orderId };

function told<Contract extends AnyContract>({ type }: Contract, data: DataOf<Contract>): SagaInput {
  return { kind: 'event', type, data };
}
const received = told(ReturnReceived, of);
const refunded = told(PaymentRefunded, { orderId, paymentId, refundId: returnId, amount });
const refused = told(RefundRefused, { orderId, paymentId, refundId: returnId, reason: 'account closed' });
const restocked = told(StockRestocked, of);
const completed = told(ReturnCompleted, { ...of, customerId, amount });
const sentBack = told(ReturnSentBack, of);
const late = (step: number): SagaInput => ({ kind: 'timeout', status: 'running', step });

function after(...inputs: SagaInput[]) {
  const first = begin(returns, wish);
  const sent: (readonly Outgoing[])[] = [first.send];
  let instance: SagaInstance<Return> = first.instance;
  for (const input of inputs) {
    const next = advance(returns, instance, input);
    sent.push(next?.send ?? []);
    instance = next?.instance ?? instance;
  }
  const names = sent.map((move) => move.map(({ contract }) => contract.name).join(' '));
  return { instance, sent, names };
}

describe('a return', () => {
  it('gets the goods back, then gives the money back, then puts the goods on the shelf', () => {
    const { instance, names } = after(received, refunded, restocked, completed);
    expect(names).toEqual([
      'shipping.receive-return',
      'orders.mark-return-received payments.refund-payment',
      'inventory.restock-return',
      'orders.complete-return',
      '',
    ]);
    expect(instance.status).toBe('completed');
  });

  it('asks for what it needs with data that fit, the refund under its own id', () => {
    const { sent } = after(received, refunded, restocked);
    for (const { contract, data } of sent.flat()) expect(() => contract.assert(data)).not.toThrow();
    expect(sent[1]![1]!.data).toEqual({ refundId: returnId, orderId, amount });
  });

  it('sends the goods home when the money cannot be given back', () => {
    const { instance, names } = after(received, refused, sentBack);
    expect(names.slice(2)).toEqual(['orders.reject-return shipping.send-return-back', '']);
    expect(instance).toMatchObject({ status: 'compensated', reason: 'refund refused: account closed' });
  });

  it('waits a fortnight for the goods, and then for nothing any more', () => {
    expect(begin(returns, wish).patienceMs).toBe(14 * 24 * 60 * 60 * 1_000);
    const turned = advance(returns, begin(returns, wish).instance, late(0))!;
    expect(turned.send.map(({ contract }) => contract.name)).toEqual([
      'orders.reject-return',
      'shipping.send-return-back',
    ]);
    expect(turned.patienceMs).toBe(120_000);
    expect(after(late(0), received, sentBack).instance).toMatchObject({ reason: 'receive goods timed out' });
  });

  it('never guesses about money, and never stops once it is given back', () => {
    expect(after(received, late(1)).names.at(-1)).toBe('payments.refund-payment');
    expect(after(received, refunded, late(2)).names.at(-1)).toBe('inventory.restock-return');
    expect(after(received, refunded, refused).instance).toMatchObject({ status: 'running', step: 2 });
  });

  it('is keyed alike by all it reads', () => {
    const keys = [ReturnRequested, ReturnReceived, ReturnSentBack, StockRestocked, ReturnCompleted].map(
      ({ key }) => key,
    );
    expect([...new Set(keys), PaymentRefunded.key, RefundRefused.key]).toEqual(['returnId', 'refundId', 'refundId']);
  });
});
