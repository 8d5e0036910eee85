import { DataSource, EntitySchema } from 'typeorm';
import { v7 } from 'uuid';
import { ORDER_TABLES, PEER_OUTBOX, envelopeOf, orderOf } from '../orders/order.mjs';

const column = (type, options = {}) => ({ type, ...options });

const Order = new EntitySchema({
  name: 'Order',
  tableName: 'purchase_order',
  columns: {
    id: column('uuid', { primary: true }),
    customerId: column('uuid', { name: 'customer_id' }),
    status: column('text'),
    amount: column('bigint'),
    currency: column('text'),
  },
  relations: { lines: { type: 'one-to-many', target: 'OrderLine', inverseSide: 'order', cascade: true } },
});

const OrderLine = new EntitySchema({
  name: 'OrderLine',
  tableName: 'order_line',
  columns: {
    orderId: column('uuid', { name: 'order_id', primary: true }),
    lineNo: column('int', { name: 'line_no', primary: true }),
    sku: column('text'),
    quantity: column('int'),
    amount: column('bigint'),
    currency: column('text'),
  },
  relations: {
    order: { type: 'many-to-one', target: 'Order', inverseSide: 'lines', joinColumn: { name: 'order_id' } },
  },
});

const OutboxMessage = new EntitySchema({
  name: 'OutboxMessage',
  tableName: 'outbox',
  columns: {
    id: column('uuid', { primary: true }),
    type: column('text'),
    key: column('text'),
    envelope: column('json'),
  },
});

/** Connects TypeORM as its documentation does, and makes the tables. */
export async function openSource({ adminUrl, poolSize }) {
  const source = new DataSource({
    type: 'postgres',
    url: adminUrl,
    entities: [Order, OrderLine, OutboxMessage],
    poolSize,
    extra: { idleTimeoutMillis: 600_000 },
  });
  await source.initialize();
  for (const statement of [...ORDER_TABLES, PEER_OUTBOX]) await source.query(statement);
  return source;
}

/** `save` in a transaction: the usual way. The ids come from the application, as in an outbox they must. */
export async function saveOrder(source, order = orderOf(v7())) {
  const { orderId: id, customerId, total, lines } = order;
  const messageId = v7();
  await source.transaction(async (manager) => {
    await manager.save(Order, {
      id,
      customerId,
      status: 'placed',
      ...total,
      lines: lines.map(({ sku, quantity, price }, line) => ({
        orderId: id,
        lineNo: line + 1,
        sku,
        quantity,
        ...price,
      })),
    });
    const message = { id: messageId, type: 'orders.order-placed.v1', key: id, envelope: envelopeOf(messageId, order) };
    await manager.save(OutboxMessage, message);
  });
  return { id, status: 'placed', total, lines, version: 1 };
}
