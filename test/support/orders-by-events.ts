/** Every order as its own events tell it, and what the other contexts made of it. */
export const ORDERS = `
  orders_by_events as (
    select stream_id::uuid as order_id,
           (array_agg(type order by version desc))[1] as last,
           max(version) as version,
           bool_or(type = 'order-cancelled') and bool_or(type = 'order-completed') as torn
    from orders.event where stream_type = 'order' group by stream_id),
  ended as (
    select order_id, version, torn, substr(last, 7) as status,
           last in ('order-completed', 'order-rejected', 'order-cancelled') as terminal
    from orders_by_events)`;
