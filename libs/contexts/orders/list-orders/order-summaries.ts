import { defineProjection } from '@holdfast/data-consistency';
import { STATUS_AFTER, type OrderStatus } from '../domain/order.js';
import { isReturnFact } from '../domain/return.js';
import { orderStream } from '../order.store.js';

export type OrderSummary = {
  order_id: string;
  customer_id: string;
  status: OrderStatus;
  reason: string | null;
  amount: number;
  currency: string;
  version: number;
  placed_at: Date;
};

export const orderSummaries = defineProjection('order-summaries', {
  stream: orderStream,
  table: 'order_summary',
  key: 'order_id',
  columns: {
    order_id: 'uuid',
    customer_id: 'uuid',
    status: 'text',
    reason: 'text',
    amount: 'bigint',
    currency: 'text',
    version: 'int',
    placed_at: 'timestamptz',
  },
  apply: (row: OrderSummary | undefined, { streamId, version, fact, recordedAt }): OrderSummary | undefined => {
    if (fact.type === 'order-placed') {
      const { customerId, total } = fact.data;
      return {
        order_id: streamId,
        customer_id: customerId,
        status: 'placed',
        reason: null,
        ...total,
        version,
        placed_at: recordedAt,
      };
    }
    if (isReturnFact(fact)) return row && { ...row, version };
    const reason = 'reason' in fact.data ? fact.data.reason : null;
    return row && { ...row, status: STATUS_AFTER[fact.type], reason, version };
  },
});
