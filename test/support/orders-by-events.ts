/** Every return as its order's events tell it: how it ended, the pieces and the money. */
export const RETURNS = `
  returned as (
    select e.stream_id::uuid as order_id, (e.data->>'returnId')::uuid as return_id,
           (e.data->'amount'->>'amount')::bigint as amount,
           (select sum((line->>'quantity')::int) from json_array_elements(e.data->'lines') line) as pieces,
           (select substr(f.type, 8) from orders.event f
            where f.stream_type = 'order' and f.stream_id = e.stream_id and f.type in ('return-refunded', 'return-rejected')
              and f.data->>'returnId' = e.data->>'returnId') as ended
    from orders.event e where e.stream_type = 'order' and e.type = 'return-requested')`;

/** Every order as its own events tell it, and what the other contexts made of it. */
export const ORDERS = `
  orders_by_events as (
    select stream_id::uuid as order_id,
           (array_agg(type order by version desc) filter (where type like 'order-%'))[1] as last,
           max(version) as version,
           bool_or(type = 'order-cancelled') and bool_or(type = 'order-completed') as torn
    from orders.event where stream_type = 'order' group by stream_id),
  ended as materialized (
    select order_id, version, torn, substr(last, 7) as status,
           last in ('order-completed', 'order-rejected', 'order-cancelled') as terminal
    from orders_by_events)`;
