import { SpanKind, SpanStatusCode, type Attributes, type HrTime, type SpanContext } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';
import { LightSpan } from './light-span.js';

/** One finished span, ready for JSON. */
export interface SpanView {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly service: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: 'ok' | 'error';
  readonly attributes: Attributes;
  readonly events: { name: string; at: string; attributes?: Attributes }[];
}

/** What is kept of a span: few and small objects, because long-lived ones are what tracing costs most (collection). */
interface KeptSpan {
  readonly context: SpanContext;
  readonly parentSpanId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly service: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly attributes: Attributes;
  readonly events: ReadableSpan['events'] | undefined;
}

/**
 * Keeps the last finished spans in memory for `/ops/traces/{traceId}` and for tests. Writing is one store into a ring;
 * reading looks through the whole ring (about a millisecond), since people ask rarely and spans end all the time.
 */
export class RecentSpans implements SpanProcessor {
  private readonly ring: KeptSpan[] = [];
  private next = 0;

  /** @param capacity spans kept. Default 20,000, about 0.5 kB each. */
  constructor(private readonly capacity = 20_000) {}

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    this.ring[this.next] = {
      context: span.spanContext(),
      parentSpanId: span.parentSpanContext?.spanId,
      name: span.name,
      kind: span.kind,
      service: span.resource.attributes['service.name'] as string,
      // Our own spans know their milliseconds; the pairs would be made for nobody else.
      startMs: span instanceof LightSpan ? span.startMs : milliseconds(span.startTime),
      durationMs: span instanceof LightSpan ? span.durationMs : milliseconds(span.duration),
      failed: span.status.code === SpanStatusCode.ERROR,
      attributes: span.attributes,
      events: span.events.length > 0 ? span.events : undefined,
    };
    this.next = (this.next + 1) % this.capacity;
  }

  /** Spans of a trace in the order they started; empty when unknown or already forgotten. */
  trace(traceId: string): SpanView[] {
    return byStart(this.ring.filter(({ context }) => context.traceId === traceId).map(viewOf));
  }

  /** Trace ids still held. */
  traceIds(): string[] {
    return [...new Set(this.ring.map(({ context }) => context.traceId))];
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}
}

/**
 * Spans whose parent is in nobody's record: a break in the trace.
 *
 * @param spans of one trace, of all processes together
 * @param knownParents span ids of callers outside the system, such as a test's own `traceparent`
 */
export function orphansOf(spans: readonly SpanView[], knownParents: readonly string[] = []): SpanView[] {
  const known = new Set([...spans.map(({ spanId }) => spanId), ...knownParents]);
  return spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !known.has(parentSpanId));
}

function viewOf(span: KeptSpan): SpanView {
  const { context, parentSpanId, name, service, durationMs, attributes, events = [] } = span;
  return {
    traceId: context.traceId,
    spanId: context.spanId,
    parentSpanId,
    name,
    kind: SpanKind[span.kind].toLowerCase(),
    service,
    startedAt: new Date(span.startMs).toISOString(),
    durationMs: Math.round(durationMs * 1e6) / 1e6,
    status: span.failed ? 'error' : 'ok',
    attributes,
    events: events.map((event) => ({
      name: event.name,
      at: new Date(milliseconds(event.time)).toISOString(),
      attributes: event.attributes,
    })),
  };
}

/** The SDK stamps the start of a span in whole milliseconds, so a parent and its children often share it. */
function byStart(spans: SpanView[]): SpanView[] {
  const parents = new Map(spans.map(({ spanId, parentSpanId }) => [spanId, parentSpanId]));
  const depths = new Map(spans.map(({ spanId }) => [spanId, depthOf(spanId, parents)]));
  return spans.sort((a, b) => a.startedAt.localeCompare(b.startedAt) || depths.get(a.spanId)! - depths.get(b.spanId)!);
}

function depthOf(spanId: string, parents: Map<string, string | undefined>): number {
  let depth = 0;
  for (let id = parents.get(spanId); id !== undefined && depth < parents.size; id = parents.get(id)) depth++;
  return depth;
}

function milliseconds([seconds, nanoseconds]: HrTime): number {
  return seconds * 1_000 + nanoseconds / 1e6;
}
