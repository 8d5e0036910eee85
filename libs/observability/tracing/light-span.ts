import {
  SpanStatusCode,
  type Attributes,
  type AttributeValue,
  type Exception,
  type HrTime,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan, SpanProcessor, TimedEvent } from '@opentelemetry/sdk-trace';

/** Where spans come from and go to. */
export interface Origin {
  readonly resource: Resource;
  readonly scope: { readonly name: string };
  readonly processors: readonly SpanProcessor[];
}

/** What a span is at its start. */
export interface Beginning {
  readonly name: string;
  readonly kind: SpanKind;
  readonly context: SpanContext;
  readonly parent: SpanContext | undefined;
  readonly attributes: Attributes | undefined;
  readonly links: Link[] | undefined;
}

const NONE: never[] = [];
const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });

/**
 * A recorded span: numbers and references until somebody reads it. Times become pairs of seconds and nanoseconds, and lists
 * come to be, only when an exporter asks or something is added (the SDK's own span does so at once, each time).
 */
export class LightSpan implements Span, ReadableSpan {
  readonly droppedAttributesCount = 0;
  readonly droppedEventsCount = 0;
  readonly droppedLinksCount = 0;
  readonly kind: SpanKind;
  readonly parentSpanContext: SpanContext | undefined;
  readonly attributes: Attributes;
  name: string;
  status = UNSET;
  events: TimedEvent[] = NONE;
  links: Link[];
  ended = false;
  /** Milliseconds since 1970, whole. */
  readonly startMs = Date.now();
  durationMs = 0;
  private readonly context: SpanContext;
  private readonly startedAt = performance.now();

  constructor(
    { name, kind, context, parent, attributes, links }: Beginning,
    private readonly origin: Origin,
  ) {
    this.name = name;
    this.kind = kind;
    this.context = context;
    this.parentSpanContext = parent;
    this.attributes = { ...attributes };
    this.links = links ?? NONE;
  }

  get resource() {
    return this.origin.resource;
  }

  get instrumentationScope() {
    return this.origin.scope;
  }

  get startTime(): HrTime {
    return hrTime(this.startMs);
  }

  get endTime(): HrTime {
    return hrTime(this.startMs + this.durationMs);
  }

  get duration(): HrTime {
    return hrTime(this.durationMs);
  }

  spanContext(): SpanContext {
    return this.context;
  }

  isRecording(): boolean {
    return !this.ended;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (!this.ended) this.attributes[key] = value;
    return this;
  }

  setAttributes(attributes: Attributes): this {
    if (!this.ended) Object.assign(this.attributes, attributes);
    return this;
  }

  addEvent(name: string, attributes?: Attributes | TimeInput): this {
    if (this.ended) return this;
    const time = hrTime(this.startMs + performance.now() - this.startedAt);
    const known = isAttributes(attributes) ? attributes : {};
    this.events = [...this.events, { name, time, attributes: known, droppedAttributesCount: 0 }];
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (!this.ended) this.links = [...this.links, ...links];
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (!this.ended && status.code !== SpanStatusCode.UNSET && this.status.code !== SpanStatusCode.OK)
      this.status = status;
    return this;
  }

  updateName(name: string): this {
    if (!this.ended) this.name = name;
    return this;
  }

  recordException(exception: Exception): void {
    const { name, message, stack } = typeof exception === 'string' ? { message: exception } : (exception as Error);
    this.addEvent('exception', {
      ...(name && { 'exception.type': name }),
      ...(message && { 'exception.message': message }),
      ...(stack && { 'exception.stacktrace': stack }),
    });
  }

  end(): void {
    if (this.ended) return;
    this.durationMs = performance.now() - this.startedAt;
    this.ended = true;
    for (const processor of this.origin.processors) processor.onEnd(this);
  }
}

function isAttributes(value: Attributes | TimeInput | undefined): value is Attributes {
  return typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date);
}

function hrTime(ms: number): HrTime {
  const seconds = Math.trunc(ms / 1_000);
  return [seconds, Math.round((ms - seconds * 1_000) * 1e6)];
}
