// An order, its three lines and its announcement as one unit of work.
import { defineWrite } from '../../dist/libs/data-consistency/index.js';
import { OrderPlaced } from '../../dist/libs/contexts/orders/contracts/events.js';
import { newId } from '../../dist/libs/messaging/index.js';
import { closedLoop } from '../harness/closed-loop.mjs';
import { openRoad } from '../harness/road.mjs';
import { ORDER_TABLES, orderOf } from './order.mjs';

const insertOrder = defineWrite(
  'orders.insert-order',
  { id: 'uuid', customer_id: 'uuid', status: 'text', amount: 'bigint', currency: 'text' },
  `insert into purchase_order (id, customer_id, status, amount, currency)
   select id, customer_id, status, amount, currency from rows`,
);

const insertLines = defineWrite(
  'orders.insert-lines',
  { order_id: 'uuid', line_no: 'int', sku: 'text', quantity: 'int', amount: 'bigint', currency: 'text' },
  `insert into order_line (order_id, line_no, sku, quantity, amount, currency)
   select order_id, line_no, sku, quantity, amount, currency from rows`,
);

export async function start({ adminUrl, poolSize }) {
  const context = await openRoad({ adminUrl, context: 'orders', tables: ORDER_TABLES, poolSize });
  const { work, idempotency } = context.road;
  let placed = 0;
  let keyed = 0;

  const placeOrder = async () => {
    const order = orderOf(newId());
    const { orderId: id, customerId: customer_id, total, lines } = order;
    await work.run((tx) => {
      tx.write(insertOrder, { id, customer_id, status: 'placed', ...total });
      tx.write(
        insertLines,
        ...lines.map(({ sku, quantity, price }, line) => ({
          order_id: id,
          line_no: line + 1,
          sku,
          quantity,
          ...price,
        })),
      );
      tx.emit(OrderPlaced, order);
      return { id, status: 'placed', total, version: 1 };
    });
    placed++;
  };
  const placeOrderOnce = async () => {
    const request = {
      principal: 'u-1',
      route: 'POST /api/v1/orders',
      key: newId(),
      fingerprint: 'f'.repeat(43),
      keepForHours: 720,
    };
    await idempotency.within(request, placeOrder);
    keyed++;
  };

  return {
    pg: context.pg,
    window: ({ ms, concurrency, keyed: withKey }) =>
      closedLoop({ ms, concurrency, operation: withKey ? placeOrderOnce : placeOrder }),
    async verify() {
      const found = {};
      for (const table of ['purchase_order', 'order_line', 'outbox', 'idempotency'])
        found[table] = await context.count(table);
      const expected = { purchase_order: placed, order_line: 3 * placed, outbox: placed, idempotency: keyed };
      return { found, expected, failures: context.failures.map(String) };
    },
    close: context.close,
  };
}
