export { EventLoopLag, type Lag } from './health/event-loop-lag.js';
export { HealthRegistry, type HealthCheck, type HealthFinding } from './health/health-registry.js';
export { HealthController } from './health/health.controller.js';
export { HealthModule } from './health/health.module.js';
export { Readiness } from './health/readiness.js';
export { identityOf, observeHttp, type HttpTelemetryOptions, type RequestLine } from './http/http-telemetry.js';
export { currentCorrelation, runWithCorrelation, type Correlation } from './logging/correlation.js';
export { loggingModule, type LoggingOptions } from './logging/logging.module.js';
export { isPrivateName, redact } from './logging/redact.js';
export { scrub, scrubber } from './logging/scrub.js';
export { registerGauge, type GaugeOptions, type GaugeSample } from './metrics/gauges.js';
export {
  counter,
  DURATION_BUCKETS,
  histogram,
  type CounterInstrument,
  type HistogramInstrument,
  type InstrumentOptions,
} from './metrics/instruments.js';
export { MetricsController, MetricsModule } from './metrics/metrics.module.js';
export { renderMetrics } from './metrics/render-metrics.js';
export {
  recordHandler,
  recordHttpRequest,
  registerInboxBacklog,
  registerOutboxLag,
  registerPool,
  registerSagaStates,
} from './metrics/standard.js';
export { PROBE_ROUTES } from './open-route.js';
export { orphansOf, RecentSpans, type SpanView } from './tracing/recent-spans.js';
export { startTracing, type Tracing, type TracingOptions } from './tracing/start-tracing.js';
export { currentSpanContext, currentTraceId, currentTraceparent, parentFrom } from './tracing/traceparent.js';
export { OpenSpan, openSpan, withSpan, type SpanOptions } from './tracing/with-span.js';
export { InjectPinoLogger, Logger, PinoLogger } from 'nestjs-pino';
