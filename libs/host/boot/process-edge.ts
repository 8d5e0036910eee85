import { currentTraceId, identityOf, observeHttp, type HttpTelemetryOptions } from '@holdfast/observability';
import { Logger } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { FixedLimit } from '../http/concurrency/fixed-limit.js';
import { createEdge, type Edge, type EdgeOptions } from '../http/edge.js';
import { libraryProblems } from '../http/problem/library-problems.js';

export interface ProcessEdgeOptions extends Pick<EdgeOptions, 'tls'> {
  /** Places for requests at the same time. */
  requestsInside: number;
  telemetry?: Omit<HttpTelemetryOptions, 'log'>;
}

/** The edge of any process: every request is logged, counted and traced, and errors of the libraries have answers. */
export function processEdge({ requestsInside, telemetry, tls }: ProcessEdgeOptions): Edge {
  const requests = new Logger('Http');
  return createEdge({
    traceId: (request) => identityOf(request as FastifyRequest)?.traceId ?? currentTraceId(),
    errors: libraryProblems,
    observe: (fastify) =>
      observeHttp(fastify, { ...telemetry, log: (line) => requests.log({ msg: 'request', ...line }) }),
    limit: new FixedLimit(requestsInside),
    ...(tls && { tls }),
  });
}
