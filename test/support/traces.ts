import type { Shop } from './shop.js';

interface Span {
  spanId: string;
  parentSpanId?: string;
  name: string;
  service: string;
}

export interface Trace {
  traceId: string;
  spans: Span[];
  orphans?: Span[];
}

/** The trace in which an order was placed, as its own message carries it. */
export async function traceOf(shop: Shop, orderId: string): Promise<Trace> {
  const { rows } = await shop.database.query<{ traceparent: string }>(
    `select envelope->>'traceparent' as traceparent from orders.outbox where key = $1 order by position limit 1`,
    [orderId],
  );
  const traceId = rows[0]?.traceparent?.split('-')[1] ?? 'none';
  const operator = await shop.operator();
  const answer = await operator.get<Trace>(`/ops/traces/${traceId}`);
  return answer.status === 200 ? answer.body : { traceId, spans: [] };
}

/** Spans that name a parent nobody has seen. The tests send no trace context of their own. */
export function orphansOf({ spans, orphans = [] }: Trace): Span[] {
  const known = new Set(spans.map(({ spanId }) => spanId));
  return [...orphans, ...spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId))];
}

/** Of the newest orders since the last start: those whose trace is not one connected story from the request to the end. */
export async function tracesBroken(shop: Shop, sample: number): Promise<object[]> {
  const { rows } = await shop.database.query<{ order_id: string }>(
    `select stream_id as order_id from orders.event where stream_type = 'order' and version = 1
       and recorded_at > $2 order by stream_id desc limit $1`,
    [sample, shop.startedAt],
  );
  const traces = await Promise.all(rows.map(({ order_id }) => traceOf(shop, order_id)));
  return traces.flatMap((trace) => {
    const orphans = orphansOf(trace).map(({ name }) => name);
    return trace.spans.length === 0 || orphans.length > 0
      ? [{ traceId: trace.traceId, spans: trace.spans.length, orphans }]
      : [];
  });
}
