import { on, defineSaga } from '@holdfast/data-consistency';
import type { DataOf } from '@holdfast/messaging';
import {
  IssueStock,
  ReleaseStock,
  ReservationExpired,
  ReserveStock,
  SecureStock,
  StockRejected,
  StockReleased,
  StockReserved,
  StockSecured,
} from '@holdfast/contracts/inventory';
import {
  CompleteOrder,
  ConfirmOrder,
  MarkAuthorised,
  MarkReserved,
  MarkShipped,
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderPlaced,
  RejectOrder,
} from '@holdfast/contracts/orders';
import {
  AuthorisePayment,
  CapturePayment,
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentVoided,
  VoidPayment,
} from '@holdfast/contracts/payments';
import { ShipOrder, ShipmentDispatched } from '@holdfast/contracts/shipping';
import { PurchaseCompensated } from '../contracts/events.js';

/** What the purchase must remember to ask the next context for its part. */
export type Purchase = DataOf<typeof OrderPlaced>;

const same = (_event: unknown, purchase: Purchase): Purchase => purchase;

/**
 * Reserve, authorise, secure, confirm; then ship, capture, complete. Until the order is confirmed everything can be taken
 * back; from then on everything is carried through.
 */
export const purchase = defineSaga<Purchase>({
  name: 'purchase',
  version: 1,
  starts: on(OrderPlaced, (order) => order),
  steps: [
    {
      name: 'reserve stock',
      do: ({ orderId, lines }) =>
        ReserveStock.of({ orderId, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) }),
      done: on(StockReserved, same),
      failed: on(StockRejected, ({ missing }) => `out of stock: ${missing.map(({ sku }) => sku).join(', ')}`),
      tell: ({ orderId }) => [MarkReserved.of({ orderId })],
      undo: ({ orderId }) => ReleaseStock.of({ orderId }),
      undone: on(StockReleased, same),
    },
    {
      name: 'authorise payment',
      do: ({ orderId, customerId, total, paymentMethod }) =>
        AuthorisePayment.of({ orderId, customerId, amount: total, method: paymentMethod }),
      done: on(PaymentAuthorised, same),
      failed: on(PaymentDeclined, ({ reason }) => `payment declined: ${reason}`),
      tell: ({ orderId }) => [MarkAuthorised.of({ orderId })],
      undo: ({ orderId }) => VoidPayment.of({ orderId }),
      undone: on(PaymentVoided, same),
    },
    {
      name: 'secure stock',
      do: ({ orderId }) => SecureStock.of({ orderId }),
      done: on(StockSecured, same),
    },
    {
      name: 'confirm order',
      pivot: true,
      do: ({ orderId }) => ConfirmOrder.of({ orderId }),
      done: on(OrderConfirmed, same),
    },
    {
      name: 'ship order',
      do: ({ orderId, customerId, lines }) =>
        ShipOrder.of({ orderId, customerId, lines: lines.map(({ sku, quantity }) => ({ sku, quantity })) }),
      done: on(ShipmentDispatched, same),
      tell: ({ orderId }) => [IssueStock.of({ orderId }), MarkShipped.of({ orderId })],
    },
    {
      name: 'capture payment',
      do: ({ orderId }) => CapturePayment.of({ orderId }),
      done: on(PaymentCaptured, same),
    },
    {
      name: 'complete order',
      do: ({ orderId }) => CompleteOrder.of({ orderId }),
      done: on(OrderCompleted, same),
    },
  ],
  interrupts: [
    on(OrderCancelled, ({ reason }) => `cancelled: ${reason}`),
    on(ReservationExpired, () => 'the reservation expired'),
  ],
  turned: ({ orderId }, reason) => [RejectOrder.of({ orderId, reason })],
  compensated: ({ orderId }, reason) => PurchaseCompensated.of({ orderId, reason }),
});
