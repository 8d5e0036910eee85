/** The order everybody writes: three lines, the same texts, only the id is new. */
export function orderOf(orderId) {
  const lines = [
    { sku: 'TEA-001', quantity: 2, price: { amount: 450, currency: 'EUR' } },
    { sku: 'TEA-002', quantity: 1, price: { amount: 1_250, currency: 'EUR' } },
    { sku: 'TEA-003', quantity: 5, price: { amount: 99, currency: 'EUR' } },
  ];
  return {
    orderId,
    customerId: '0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a',
    lines,
    total: { amount: 2_645, currency: 'EUR' },
    paymentMethod: { provider: 'acme', token: 'tok_ok' },
  };
}

/** What an order's announcement looks like in an outbox, for those who have no envelope of their own. */
export function envelopeOf(messageId, order) {
  return {
    specversion: '1.0',
    id: messageId,
    source: 'orders',
    type: 'orders.order-placed.v1',
    subject: order.orderId,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    dataschema: '/asyncapi.json#/components/schemas/orders.order-placed.v1',
    correlationid: messageId,
    data: order,
  };
}

/** Both sides write tables of this shape. */
export const ORDER_TABLES = [
  `create table purchase_order (
     id uuid primary key, customer_id uuid not null, status text not null, amount bigint not null, currency text not null)`,
  `create table order_line (
     order_id uuid not null references purchase_order, line_no int not null, sku text not null, quantity int not null,
     amount bigint not null, currency text not null, primary key (order_id, line_no))`,
];

/** The outbox of a peer. */
export const PEER_OUTBOX = `create table outbox (
  position bigint generated always as identity unique, id uuid primary key, type text not null, key text not null,
  envelope json not null, recorded_at timestamptz not null default clock_timestamp())`;
