import { context, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, type SpanProcessor } from '@opentelemetry/sdk-trace';
import { setTimeout as delay } from 'node:timers/promises';
import { AsyncContext } from './async-context.js';
import { CountingExporter } from './counting-exporter.js';
import { HeadSampler } from './head-sampler.js';
import { LightTracer } from './light-tracer.js';
import { RecentSpans } from './recent-spans.js';
import { useTracer } from './tracer.js';

/** A collector that does not answer by then keeps nobody waiting. */
const FLUSH_MS = 5_000;

export interface TracingOptions {
  /** Name of the process, `service.name` of every span. */
  serviceName: string;
  /** Base address of a collector, as in `OTEL_EXPORTER_OTLP_ENDPOINT`; `/v1/traces` is added. Unset: memory only. */
  otlpEndpoint?: string;
  /** Share of traces recorded, 0 to 1. Default 1. */
  sampleRatio?: number;
  /** Finished spans kept in memory. Default 20,000. */
  recentSpans?: number;
  /** Where finished spans go instead of `otlpEndpoint`. */
  exporter?: SpanExporter;
}

/** Tracing of this process, from {@link startTracing} until `shutdown()`. */
export interface Tracing {
  /** The last finished spans. */
  readonly recent: RecentSpans;
  /** Spans the collector did not take since the start. */
  unexported(): number;
  /** Sends what is buffered; never rejects, since a deaf collector is no reason to fail. */
  flush(): Promise<void>;
  /** Flushes, then ends tracing in this process. */
  shutdown(): Promise<void>;
}

/**
 * Starts tracing for the process: own spans only, no instrumentation of other libraries (that costs 2.5 times the CPU
 * of bare Fastify). The export buffer is bounded at 4,096 spans; when the collector is slow, spans are dropped, never
 * requests delayed.
 *
 * @throws Error when tracing already runs in this process, RangeError on a ratio outside 0 to 1
 * @example const tracing = startTracing({ serviceName: 'orders', otlpEndpoint: 'http://localhost:4318' });
 */
export function startTracing(options: TracingOptions): Tracing {
  const { serviceName, otlpEndpoint, sampleRatio = 1 } = options;
  if (!(sampleRatio >= 0 && sampleRatio <= 1)) throw new RangeError(`sampleRatio ${sampleRatio} is not within 0 to 1.`);
  const target = options.exporter ?? (otlpEndpoint ? otlpExporter(otlpEndpoint) : undefined);
  const exporter = target && new CountingExporter(target);
  const recent = new RecentSpans(options.recentSpans);
  const spanProcessors: SpanProcessor[] = [recent];
  if (exporter)
    spanProcessors.push(new BatchSpanProcessor({ exporter, maxQueueSize: 4_096, exportTimeoutMillis: 5_000 }));
  const resource = resourceFromAttributes({ 'service.name': serviceName, 'process.pid': process.pid });
  const origin = { resource, scope: { name: 'holdfast' }, processors: spanProcessors };
  const tracer = new LightTracer(origin, new HeadSampler(sampleRatio));

  if (!trace.setGlobalTracerProvider({ getTracer: () => tracer })) {
    throw new Error('Tracing already runs in this process.');
  }
  context.setGlobalContextManager(new AsyncContext());
  useTracer(tracer);

  const flush = async () => {
    const flushed = Promise.allSettled(spanProcessors.map((processor) => processor.forceFlush()));
    await Promise.race([flushed, delay(FLUSH_MS, undefined, { ref: false })]);
  };
  return {
    recent,
    unexported: () => exporter?.failed ?? 0,
    flush,
    async shutdown() {
      await flush();
      await Promise.allSettled(spanProcessors.map((processor) => processor.shutdown()));
      useTracer(undefined);
      trace.disable();
      context.disable();
    },
  };
}

function otlpExporter(endpoint: string): SpanExporter {
  return new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: 5_000 });
}
