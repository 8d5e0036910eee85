import { hasTrap } from '@holdfast/data-consistency';
import { RequestMethod, VersioningType, type NestApplicationOptions } from '@nestjs/common';
import type { FastifyAdapter, NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { FixedLimit } from './concurrency/fixed-limit.js';
import { guardAgainstOverload } from './concurrency/overload-guard.js';
import { crashAtAnswers } from './crash-at-answers.js';
import { createEdgeAdapter, type EdgeTimeouts } from './edge-adapter.js';
import { EdgeState } from './edge-state.js';
import { refuseExpectations } from './headers/expectation.js';
import { guardTarget } from './headers/request-target.js';
import { DOCS_POLICY } from './headers/security-headers.js';
import { Stamp } from './headers/stamp.js';
import { InputPipe } from './input/input.pipe.js';
import { acceptJsonOnly } from './json/json-body.js';
import { describeProblems } from './problem/describe-problems.js';
import { ProblemAnswers } from './problem/problem-answers.js';
import { ProblemFilter } from './problem/problem.filter.js';
import type { ProblemException } from './problem/problem.exception.js';
import { demandClients, type MutualTls } from './mutual-tls.js';
import { methodNotAllowed, notFound } from './problem/problems.js';
import { instanceOf, sendProblem, type TraceIdOf } from './problem/send-problem.js';
import type { ErrorAnswers } from './problem/to-problem.js';
import { RouteTable } from './routes/route-table.js';

export interface EdgeOptions {
  /** The id under which a request can be found in traces and logs. Default: its request id. */
  traceId?: (request: Parameters<TraceIdOf>[0]) => string | undefined;
  /** Answers to errors of other libraries, by the error's `name`. */
  errors?: ErrorAnswers;
  /** Adds what counts and logs requests: before anything may refuse one. */
  observe?: (fastify: FastifyInstance) => void;
  /** Requests inside at once. Default: 200. */
  limit?: FixedLimit;
  timeouts?: EdgeTimeouts;
  /** Connections at once. Default 16,384. */
  maxConnections?: number;
  /** Between processes: HTTPS, and only for certain callers. Default: plain HTTP for everybody. */
  tls?: MutualTls;
  /** Content security policy of pages, by path prefix. `/docs` has its own already. */
  pages?: Record<string, string>;
}

/** The HTTP side of a process: make it, hand `adapter` and `nestOptions` to NestFactory, then `apply` it. */
export interface Edge {
  readonly adapter: FastifyAdapter;
  readonly nestOptions: NestApplicationOptions;
  readonly state: EdgeState;
  /** What every answer carries. */
  readonly stamp: Stamp;
  /** Prefix, versioning, input rules and error answers. Call once, before `init` or `listen`. */
  apply(app: NestFastifyApplication): void;
}

/** Answered outside `/api` and without a version. */
export const OUTSIDE_API = [
  'livez',
  'readyz',
  'startupz',
  'healthz',
  'metrics',
  'docs',
  'asyncapi.json',
  'problems',
  '.well-known',
  'ops',
  'internal',
  'console',
];

/** Never refused for load: an orchestrator must not kill a process for being busy. */
export const PROBES: ReadonlySet<string> = new Set(['/livez', '/readyz', '/startupz', '/healthz', '/metrics']);

/**
 * Everything between a socket and a controller, in one order: request id and headers → log, metrics and trace → request
 * target → overload → (Nest: middleware) → 404/405 → body → guards → input rules → handler → problem documents.
 *
 * @example
 * const edge = createEdge({ traceId: () => activeTraceId() });
 * const app = await NestFactory.create<NestFastifyApplication>(AppModule, edge.adapter, edge.nestOptions);
 * edge.apply(app);
 * await app.listen(3000, '0.0.0.0');
 */
export function createEdge(options: EdgeOptions = {}): Edge {
  const traceId: TraceIdOf = (request) => options.traceId?.(request) ?? String(request.id);
  const limit = options.limit ?? new FixedLimit();
  const adapter = createEdgeAdapter(traceId, options.timeouts, options.maxConnections, options.tls);
  const fastify = adapter.getInstance<FastifyInstance>();
  const routes = new RouteTable();
  const state = new EdgeState(fastify.server, limit);
  const stamp = new Stamp({ '/docs': DOCS_POLICY, ...options.pages });
  const refuse = (request: FastifyRequest, reply: FastifyReply, problem: ProblemException): void => {
    sendProblem(request, reply, problem, traceId);
  };

  const answers = new ProblemAnswers(traceId, options.errors);

  routes.watch(fastify);
  fastify.setErrorHandler((error, request, reply) => answers.answer(error, request, reply));
  stamp.watch(fastify);
  options.observe?.(fastify);
  finishEveryAnswer(fastify, state);
  fastify.addHook('onRequest', (request, _reply, done) => done(problemOf(() => guardTarget(request.raw))));
  refuseExpectations(fastify);
  if (options.tls) demandClients(fastify, options.tls, PROBES);
  guardAgainstOverload(fastify, { limit, exempt: PROBES, refuse });
  answerUnmatched(fastify, routes);
  acceptJsonOnly(fastify);
  describeProblems(fastify);

  return {
    adapter,
    nestOptions: { bodyParser: false },
    state,
    stamp,
    apply(app) {
      app.setGlobalPrefix('api', { exclude: OUTSIDE_API.flatMap(outside) });
      app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
      app.useGlobalPipes(new InputPipe());
      app.useGlobalFilters(new ProblemFilter(answers));
    },
  };
}

const outside = (path: string) => [
  { path, method: RequestMethod.ALL },
  { path: `${path}/*rest`, method: RequestMethod.ALL },
];

function finishEveryAnswer(fastify: FastifyInstance, state: EdgeState): void {
  if (hasTrap()) crashAtAnswers(fastify);
  fastify.addHook('onSend', (_request, reply, payload, done) => {
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store');
    if (state.draining) reply.header('connection', 'close');
    done(null, payload);
  });
}

/** After middleware, so that the answer is logged and counted; before the body is read. */
function answerUnmatched(fastify: FastifyInstance, routes: RouteTable): void {
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    if (!request.is404) return done(null, payload);
    const allowed = routes.allowed(instanceOf(request.raw.url));
    done(allowed.length > 0 ? methodNotAllowed(allowed) : notFound({ detail: 'There is nothing at this path.' }));
  });
}

function problemOf(check: () => void): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}
