import { context, ROOT_CONTEXT, trace, type Context, type SpanContext } from '@opentelemetry/api';
import { UNTRUSTED } from './head-sampler.js';

const VERSION_00_LENGTH = 55;
const LONGEST_ACCEPTED = 256;
const FORM = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/;

/**
 * Turns a W3C `traceparent` into the parent of a span. Anything malformed is no parent, never an error: the text may
 * come from a stranger. Checked by length first, so a long header costs nothing.
 *
 * @param traceparent header value; arrays (a repeated header) count as malformed
 * @param options `trusted: false` at the edge keeps the trace id but lets our own sampler decide. Default true.
 * @returns undefined when there is no valid parent
 * @see https://www.w3.org/TR/trace-context/#traceparent-header
 * @example withSpan('handle', { parent: parentFrom(message.traceparent) }, work)
 */
export function parentFrom(traceparent: unknown, options: { trusted?: boolean } = {}): Context | undefined {
  if (typeof traceparent !== 'string') return undefined;
  if (traceparent.length < VERSION_00_LENGTH || traceparent.length > LONGEST_ACCEPTED) return undefined;
  if (traceparent.length > VERSION_00_LENGTH && traceparent.startsWith('00')) return undefined;
  const parts = FORM.exec(traceparent);
  if (!parts) return undefined;
  const [, traceId, spanId, flags] = parts;
  const remote = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  const parent = trace.setSpanContext(ROOT_CONTEXT, remote);
  return options.trusted === false ? parent.setValue(UNTRUSTED, true) : parent;
}

/** `traceparent` of the span at work here, to be carried to a neighbour; undefined outside any trace. */
export function currentTraceparent(): string | undefined {
  const span = currentSpanContext();
  return span && `00-${span.traceId}-${span.spanId}-${span.traceFlags & 1 ? '01' : '00'}`;
}

/** Trace id at work here, for problem documents, logs and exemplars. */
export function currentTraceId(): string | undefined {
  return currentSpanContext()?.traceId;
}

/** Identity of the span at work here; undefined outside any trace. */
export function currentSpanContext(): SpanContext | undefined {
  const span = trace.getSpanContext(context.active());
  return span && trace.isSpanContextValid(span) ? span : undefined;
}
