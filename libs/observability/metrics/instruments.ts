import type { SpanContext } from '@opentelemetry/api';
import { Counter, Histogram } from 'prom-client';
import { currentSpanContext } from '../tracing/traceparent.js';
import { boundedLabels, type Labels } from './bounded-labels.js';
import { register } from './registry.js';

export interface InstrumentOptions<L extends string> {
  /** Prometheus name with its unit: `…_seconds`, `…_total`. */
  name: string;
  help: string;
  /** Names of the labels; their values must be few (a route template, never an id). */
  labels: readonly L[];
  /** Combinations of label values kept; later ones are counted as `other`. Default 1,000. */
  maxSeries?: number;
}

export interface CounterInstrument<L extends string> {
  add(labels: Labels<L>, amount?: number): void;
}

export interface HistogramInstrument<L extends string> {
  /** @param span whose trace becomes the exemplar. Default: the span at work here. */
  observe(labels: Labels<L>, value: number, span?: SpanContext): void;
}

/** Seconds, from a cached read to a request at its deadline. */
export const DURATION_BUCKETS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/**
 * A number that only grows, in the registry of the process. Asking again for the same name gives the same series.
 * @example const parked = counter({ name: 'inbox_parked_total', help: 'messages parked', labels: ['context'] });
 *          parked.add({ context: 'orders' });
 */
export function counter<L extends string>(options: InstrumentOptions<L>): CounterInstrument<L> {
  const { name, help, labels } = options;
  const metric =
    (register.getSingleMetric(name) as Counter<L> | undefined) ?? new Counter({ name, help, labelNames: labels });
  const admit = boundedLabels(options);
  return { add: (values, amount = 1) => metric.inc(admit(values), amount) };
}

/**
 * A distribution, with the trace of a recent observation as exemplar of each bucket.
 * @param options `buckets` upper bounds; default {@link DURATION_BUCKETS}, seconds
 * @example handlerDuration.observe({ context: 'orders', handler: 'place-order', outcome: 'ok' }, 0.004);
 */
export function histogram<L extends string>(
  options: InstrumentOptions<L> & { buckets?: readonly number[] },
): HistogramInstrument<L> {
  const { name, help, labels, buckets = DURATION_BUCKETS } = options;
  const metric =
    (register.getSingleMetric(name) as Histogram<L> | undefined) ??
    new Histogram({ name, help, labelNames: labels, buckets: [...buckets], enableExemplars: true });
  const admit = boundedLabels(options);
  return {
    observe: (values, value, span = currentSpanContext()) => {
      // prom-client's types confuse labels of the exemplar with those of the metric.
      const exemplarLabels: object = span && (span.traceFlags & 1) === 1 ? { trace_id: span.traceId } : {};
      metric.observe({ labels: admit(values), value, exemplarLabels });
    },
  };
}
