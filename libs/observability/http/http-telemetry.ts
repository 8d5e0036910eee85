import { ROOT_CONTEXT, SpanStatusCode } from '@opentelemetry/api';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Correlation } from '../logging/correlation.js';
import { newCorrelationId } from '../logging/new-correlation-id.js';
import { recordHttpRequest } from '../metrics/standard.js';
import { PROBE_ROUTES } from '../open-route.js';
import { openSpan, type OpenSpan } from '../tracing/with-span.js';
import { parentFrom } from '../tracing/traceparent.js';

/** The one line written about a request. */
export interface RequestLine {
  readonly method: string;
  /** The template, such as `/api/v1/orders/:id`; never the address with its query. */
  readonly route: string;
  /** 499 when the caller went away before the answer was complete. */
  readonly status: number;
  readonly ms: number;
  readonly userId?: string;
}

export interface HttpTelemetryOptions {
  /** Takes the line of a finished request; runs under the request's trace and correlation. */
  log: (line: RequestLine) => void;
  /** Who asked, once authenticated. Default: `request.user.id`. */
  userIdOf?: (request: FastifyRequest) => string | undefined;
  /** Whether callers belong to the system, so that their sampling decision counts. Default false. */
  trustCallers?: boolean;
  /** Makes correlation ids. Default: UUIDv7. */
  newId?: () => string;
}

interface Visit {
  readonly span: OpenSpan;
  readonly correlation: Correlation;
  readonly startedAt: number;
}

/** Where a request keeps its visit: a field of it costs less than a look-up in a WeakMap. */
const VISIT = Symbol('visit');

interface Visited {
  [VISIT]?: Visit;
}

const QUIET = new Set<string>(PROBE_ROUTES.map((route) => `/${route}`));
const ACCEPTED_CORRELATION = /^[\w.:-]{1,64}$/;
const CALLER_WENT_AWAY = 499;

/**
 * Gives every request a span, a correlation, a duration in the metrics and one line in the log; probes get none.
 * Call before any other hook is added that may refuse a request: what is refused earlier is not counted.
 *
 * A caller's `traceparent` and `x-correlation-id` are used when well-formed. The answer carries `x-correlation-id`.
 *
 * @example createEdge({ observe: (fastify) => observeHttp(fastify, { log: (line) => logger.info(line, 'request') }) });
 */
export function observeHttp(fastify: FastifyInstance, options: HttpTelemetryOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (QUIET.has(routeOf(request))) return done();
    const visit = enter(request, options);
    (request as Visited)[VISIT] = visit;
    void reply.header('x-correlation-id', visit.correlation.correlationId);
    // Comes once, whether the answer was sent or the caller went away.
    reply.raw.once('close', () => finish(visit, request, reply, options));
    inside(visit, done);
  });
  // Reading a body continues on the socket's own async context, so the request's is entered again after it.
  fastify.addHook('preValidation', (request, _reply, done) => {
    const visit = (request as Visited)[VISIT];
    return visit ? inside(visit, done) : done();
  });
}

/** Trace and correlation of a request, for places that run outside its async context, such as error handlers. */
export function identityOf(request: FastifyRequest): { traceId: string; correlationId: string } | undefined {
  const visit = (request as Visited)[VISIT];
  if (!visit) return undefined;
  return { traceId: visit.span.span.spanContext().traceId, correlationId: visit.correlation.correlationId };
}

function enter(
  request: FastifyRequest,
  { trustCallers = false, newId = newCorrelationId }: HttpTelemetryOptions,
): Visit {
  const route = routeOf(request);
  const parent = parentFrom(request.headers.traceparent, { trusted: trustCallers }) ?? ROOT_CONTEXT;
  const attributes = { 'http.request.method': request.method, 'http.route': route };
  const span = openSpan(`${request.method} ${route}`, { kind: 'server', parent, attributes });
  const given = request.headers['x-correlation-id'];
  const correlationId = typeof given === 'string' && ACCEPTED_CORRELATION.test(given) ? given : newId();
  return { span, correlation: { correlationId }, startedAt: performance.now() };
}

function finish(visit: Visit, request: FastifyRequest, reply: FastifyReply, options: HttpTelemetryOptions): void {
  const { span } = visit.span;
  const ms = performance.now() - visit.startedAt;
  const status = reply.raw.writableFinished ? reply.statusCode : CALLER_WENT_AWAY;
  const line = { method: request.method, route: routeOf(request), status };
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  visit.span.end();
  recordHttpRequest({ ...line, seconds: ms / 1_000, span: span.spanContext() });
  const userId = (options.userIdOf ?? passportUserId)(request);
  inside(visit, () => options.log({ ...line, ms: Math.round(ms * 100) / 100, ...(userId && { userId }) }));
}

function inside(visit: Visit, fn: () => void): void {
  visit.span.runWith(visit.correlation, fn);
}

function routeOf(request: FastifyRequest): string {
  return (request.is404 ? undefined : request.routeOptions.url) ?? 'unmatched';
}

function passportUserId(request: FastifyRequest): string | undefined {
  return (request as { user?: { id?: string } }).user?.id;
}
