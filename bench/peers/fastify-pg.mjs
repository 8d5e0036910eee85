// Bare Fastify + pg: the same rows by hand, prepared statements in a transaction. What a careful author would write first.
import Fastify from 'fastify';
import pg from 'pg';
import { v7 } from 'uuid';
import { ORDER_TABLES, PEER_OUTBOX, envelopeOf } from '../orders/order.mjs';
import { priced } from './body.mjs';

const insertOrder = {
  name: 'insert-order',
  text: `insert into purchase_order (id, customer_id, status, amount, currency) values ($1, $2, $3, $4, $5)`,
};
const insertLines = {
  name: 'insert-lines',
  text: `insert into order_line (order_id, line_no, sku, quantity, amount, currency)
         select $1, * from unnest($2::int[], $3::text[], $4::int[], $5::bigint[], $6::text[])`,
};
const insertMessage = {
  name: 'insert-message',
  text: `insert into outbox (id, type, key, envelope) values ($1, $2, $3, $4)`,
};

async function save(pool, order) {
  const { orderId, customerId, lines, total } = order;
  const messageId = v7();
  const envelope = JSON.stringify(envelopeOf(messageId, order));
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query({ ...insertOrder, values: [orderId, customerId, 'placed', total.amount, total.currency] });
    await client.query({
      ...insertLines,
      values: [
        orderId,
        lines.map((_, line) => line + 1),
        lines.map(({ sku }) => sku),
        lines.map(({ quantity }) => quantity),
        lines.map(({ price }) => price.amount),
        lines.map(({ price }) => price.currency),
      ],
    });
    await client.query({ ...insertMessage, values: [messageId, 'orders.order-placed.v1', orderId, envelope] });
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
  return { id: orderId, status: 'placed', total, lines, version: 1 };
}

export async function start({ adminUrl, poolSize }) {
  const pool = new pg.Pool({ connectionString: adminUrl, max: poolSize, idleTimeoutMillis: 600_000 });
  for (const statement of [...ORDER_TABLES, PEER_OUTBOX]) await pool.query(statement);
  const app = Fastify();
  app.post('/api/v1/orders', async (request, reply) => {
    reply.code(201);
    return save(pool, priced(request.body));
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  return {
    port: () => app.server.address().port,
    async counts() {
      const count = async (table) => Number((await pool.query(`select count(*) from ${table}`)).rows[0].count);
      return {
        orders: await count('purchase_order'),
        lines: await count('order_line'),
        messages: await count('outbox'),
      };
    },
    async close() {
      app.server.closeAllConnections();
      await app.close();
      await pool.end();
    },
  };
}
