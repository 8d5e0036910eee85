import { defineContext } from '@holdfast/host';
import {
  OrderCancelled,
  OrderCompleted,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  ReturnCompleted,
  ReturnRequested,
} from './contracts/events.js';
import { orderSummaries } from './list-orders/order-summaries.js';
import { OrdersModule } from './orders.module.js';

export const orders = defineContext({
  name: 'orders',
  module: OrdersModule,
  emits: [OrderPlaced, OrderConfirmed, OrderCompleted, OrderRejected, OrderCancelled, ReturnRequested, ReturnCompleted],
  projections: [orderSummaries],
});
