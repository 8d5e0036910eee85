import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Attributes, Context, Link, Span } from '@opentelemetry/api';
import { scopes } from '../async-scope.js';
import type { Correlation } from '../logging/correlation.js';
import { scrub } from '../logging/scrub.js';
import { tracer } from './tracer.js';

const KINDS = {
  internal: SpanKind.INTERNAL,
  server: SpanKind.SERVER,
  client: SpanKind.CLIENT,
  producer: SpanKind.PRODUCER,
  consumer: SpanKind.CONSUMER,
};

export interface SpanOptions {
  /** Default `internal`. */
  kind?: keyof typeof KINDS;
  /** Known at the start. No personal data, no secrets: attributes leave the process. */
  attributes?: Attributes;
  /** Parent received from elsewhere, by `parentFrom()`. Default: the span at work here. */
  parent?: Context;
  /** Related spans that are not the parent, such as the messages of a batch. */
  links?: Link[];
}

/** A span that is open until `end()`; for code that cannot be wrapped in one function. Otherwise use {@link withSpan}. */
export class OpenSpan {
  constructor(
    readonly span: Span,
    private readonly context: Context,
  ) {}

  /** Runs `fn` inside the span; may be called again, for each callback of the same piece of work. */
  run<R>(fn: () => R): R {
    return context.with(this.context, fn);
  }

  /** The same, and under a correlation: cheaper than one inside the other. */
  runWith<R>(correlation: Correlation, fn: () => R): R {
    return scopes.run({ trace: this.context, correlation }, fn);
  }

  /** Notes what went wrong; the texts are cleared of addresses and tokens. Does not end the span. */
  fail(error: unknown): void {
    if (!this.span.isRecording()) return;
    const known = error instanceof Error ? error : new Error(String(error));
    const message = scrub(known.message);
    this.span.recordException({ name: known.name, message, stack: known.stack && scrub(known.stack) });
    this.span.setStatus({ code: SpanStatusCode.ERROR, message });
  }

  end(): void {
    this.span.end();
  }
}

/**
 * Opens a span by hand. Whoever opens it ends it.
 * @example const span = openSpan('http', { kind: 'server', parent: parentFrom(header, { trusted: false }) });
 */
export function openSpan(name: string, options: SpanOptions = {}): OpenSpan {
  const { kind = 'internal', attributes, links, parent = context.active() } = options;
  const span = tracer().startSpan(name, { kind: KINDS[kind], attributes, links }, parent);
  return new OpenSpan(span, trace.setSpan(parent, span));
}

/**
 * Runs `fn` inside a new span and ends the span when `fn` returns, or when its promise settles. An error is recorded
 * on the span and passed on. Without `startTracing` it only calls `fn`.
 *
 * @param name low in variety: `handle orders.place-order`, never with an id
 * @example const stock = await withSpan('reserve', { attributes: { 'holdfast.context': 'inventory' } }, () => reserve());
 */
export function withSpan<R>(name: string, fn: (span: Span) => R): R;
export function withSpan<R>(name: string, options: SpanOptions, fn: (span: Span) => R): R;
export function withSpan<R>(name: string, second: SpanOptions | ((span: Span) => R), third?: (span: Span) => R): R {
  const fn = typeof second === 'function' ? second : third!;
  const open = openSpan(name, typeof second === 'function' ? {} : second);
  try {
    const result = open.run(() => fn(open.span));
    if (isPromise(result)) return settle(result, open) as R;
    open.end();
    return result;
  } catch (error) {
    open.fail(error);
    open.end();
    throw error;
  }
}

async function settle<T>(promise: PromiseLike<T>, open: OpenSpan): Promise<T> {
  try {
    return await promise;
  } catch (error) {
    open.fail(error);
    throw error;
  } finally {
    open.end();
  }
}

function isPromise(value: unknown): value is PromiseLike<unknown> {
  return typeof (value as PromiseLike<unknown> | undefined)?.then === 'function';
}
