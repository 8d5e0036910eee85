import { SpanKind, SpanStatusCode, type Attributes, type HrTime } from '@opentelemetry/api';
import type { ReadableSpan, SpanProcessor } from '@opentelemetry/sdk-trace';

/** One finished span, ready for JSON. */
export interface SpanView {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: string;
  readonly service?: string;
  readonly startedAt: string;
  readonly durationMs: number;
  readonly status: 'ok' | 'error';
  readonly attributes: Attributes;
  readonly events: { name: string; at: string; attributes?: Attributes }[];
}

/**
 * Keeps the last finished spans in memory, findable by trace id, for `/ops/traces/{traceId}` and for tests.
 * Memory is bounded twice: in total, and per trace, so that a caller repeating one trace id cannot crowd out others.
 */
export class RecentSpans implements SpanProcessor {
  private readonly ring: (ReadableSpan | undefined)[];
  private readonly traces = new Map<string, ReadableSpan[]>();
  private next = 0;

  /**
   * @param capacity spans kept. Default 20,000, about 1 kB each.
   * @param perTrace spans kept of one trace. Default 1,000.
   */
  constructor(
    private readonly capacity = 20_000,
    private readonly perTrace = 1_000,
  ) {
    this.ring = new Array(capacity);
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    const { traceId } = span.spanContext();
    const siblings = this.traces.get(traceId);
    if (siblings && siblings.length >= this.perTrace) return;
    this.forget(this.ring[this.next]);
    this.ring[this.next] = span;
    this.next = (this.next + 1) % this.capacity;
    const known = this.traces.get(traceId);
    if (known) known.push(span);
    else this.traces.set(traceId, [span]);
  }

  /** Spans of a trace in the order they started; empty when unknown or already forgotten. */
  trace(traceId: string): SpanView[] {
    return byStart((this.traces.get(traceId) ?? []).map(viewOf));
  }

  /** Trace ids still held, oldest first. */
  traceIds(): string[] {
    return [...this.traces.keys()];
  }

  async forceFlush(): Promise<void> {}

  async shutdown(): Promise<void> {}

  /** The ring forgets in the order it learnt, so the forgotten span is always the first of its trace. */
  private forget(span: ReadableSpan | undefined): void {
    if (!span) return;
    const { traceId } = span.spanContext();
    const siblings = this.traces.get(traceId);
    if (siblings && siblings.length > 1) siblings.shift();
    else this.traces.delete(traceId);
  }
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

function viewOf(span: ReadableSpan): SpanView {
  const { traceId, spanId } = span.spanContext();
  return {
    traceId,
    spanId,
    parentSpanId: span.parentSpanContext?.spanId,
    name: span.name,
    kind: SpanKind[span.kind].toLowerCase(),
    service: span.resource.attributes['service.name'] as string | undefined,
    startedAt: isoTime(span.startTime),
    durationMs: span.duration[0] * 1_000 + span.duration[1] / 1e6,
    status: span.status.code === SpanStatusCode.ERROR ? 'error' : 'ok',
    attributes: span.attributes,
    events: span.events.map(({ name, time, attributes }) => ({ name, at: isoTime(time), attributes })),
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

function isoTime([seconds, nanoseconds]: HrTime): string {
  return new Date(seconds * 1_000 + nanoseconds / 1e6).toISOString();
}
