import type { Transaction } from '@holdfast/data-consistency';
import { OrderCancelled, OrderCompleted, OrderConfirmed, OrderPlaced, OrderRejected } from './contracts/events.js';
import type { Order, OrderFact } from './domain/order.js';

/** Which of our facts the neighbours hear of, and in which words. The other steps are ours alone. */
export function tell(tx: Transaction, { order }: { order: Order }, facts: readonly OrderFact[]): void {
  const { orderId, customerId, lines, total, paymentMethod } = order;
  for (const fact of facts) {
    switch (fact.type) {
      case 'order-placed':
        tx.emit(OrderPlaced, { orderId, customerId, lines, total, paymentMethod });
        break;
      case 'order-confirmed':
        tx.emit(OrderConfirmed, { orderId, customerId });
        break;
      case 'order-completed':
        tx.emit(OrderCompleted, { orderId, customerId, total });
        break;
      case 'order-rejected':
        tx.emit(OrderRejected, { orderId, customerId, reason: fact.data.reason });
        break;
      case 'order-cancelled':
        tx.emit(OrderCancelled, { orderId, customerId, reason: fact.data.reason });
        break;
    }
  }
}
