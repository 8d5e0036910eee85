import type { Transaction } from '@holdfast/data-consistency';
import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  ReturnCompleted,
  ReturnRequested,
} from './contracts/events.js';
import { hasReached, type Order, type OrderFact } from './domain/order.js';

/** Which of our facts the neighbours hear of, and in which words. The other steps are ours alone. */
export function tell(tx: Transaction, { order }: { order: Order }, facts: readonly OrderFact[]): void {
  const { orderId, customerId, lines, total, paymentMethod } = order;
  for (const fact of facts) {
    switch (fact.type) {
      case 'order-placed':
        tx.emit(OrderPlaced, { orderId, customerId, lines, total, paymentMethod });
        break;
      case 'order-confirmed':
        tellConfirmed(tx, order);
        break;
      case 'order-completed':
        tellCompleted(tx, order);
        break;
      case 'order-rejected':
        tx.emit(OrderRejected, { orderId, customerId, reason: fact.data.reason });
        break;
      case 'order-cancelled':
        tx.emit(OrderCancelled, { orderId, customerId, reason: fact.data.reason });
        break;
      case 'return-requested': {
        const { returnId, lines: back, amount } = fact.data; // without the customer's own words
        tx.emit(ReturnRequested, { returnId, orderId, customerId, lines: back, amount });
        break;
      }
      case 'return-refunded':
        tellReturnCompleted(tx, order, fact.data.returnId);
        break;
    }
  }
}

export function tellConfirmed(tx: Transaction, order: Order): void {
  const { orderId, customerId } = order;
  if (hasReached(order, 'confirmed')) tx.emit(OrderConfirmed, { orderId, customerId });
}

export function tellCompleted(tx: Transaction, order: Order): void {
  const { orderId, customerId, total } = order;
  if (hasReached(order, 'completed')) tx.emit(OrderCompleted, { orderId, customerId, total });
}

export function tellReturnCompleted(tx: Transaction, { orderId, customerId, returns }: Order, returnId: string): void {
  const found = returns.find((one) => one.returnId === returnId);
  if (found?.status === 'refunded') tx.emit(ReturnCompleted, { returnId, orderId, customerId, amount: found.amount });
}
