import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyHttpOptions, FastifyInstance } from 'fastify';
import type { Server } from 'node:http';
import { tlsServerOptions, type MutualTls } from './mutual-tls.js';
import { BODY_LIMIT } from './json/json-body.js';
import { requestIdOf } from './headers/request-id.js';
import { answerClientError, BARE_HEADERS } from './problem/raw-problem.js';
import { sendProblem, type TraceIdOf } from './problem/send-problem.js';
import { toProblem } from './problem/to-problem.js';

/**
 * Milliseconds. A request has 10 s for its headers, 30 s to arrive whole, and a connection may idle for 65 s. While a request is
 * worked on nothing may come or go for 130 s, longer than a gateway waits for a process: whoever asks and does not read the
 * answer would keep its place for ever.
 */
export interface EdgeTimeouts {
  headersMs?: number;
  requestMs?: number;
  keepAliveMs?: number;
  quietMs?: number;
  checkEveryMs?: number;
}

class EdgeAdapter extends FastifyAdapter {
  /** Nest would add parsers for JSON and forms of its own; the edge accepts guarded JSON only. */
  override registerParserMiddleware(): void {}

  /** Nest sets its handler when it starts, too late for routes registered before; the edge has set its own by then. */
  override setErrorHandler(): FastifyInstance {
    return this.getInstance<FastifyInstance>();
  }
}

/** A Fastify adapter with limits on size and time, and problem documents even where no route is reached. */
export function createEdgeAdapter(
  traceId: TraceIdOf,
  timeouts: EdgeTimeouts = {},
  maxConnections = 16_384,
  tls?: MutualTls,
): FastifyAdapter {
  const {
    headersMs = 10_000,
    requestMs = 30_000,
    keepAliveMs = 65_000,
    quietMs = 130_000,
    checkEveryMs = 1_000,
  } = timeouts;
  const http = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionsCheckingInterval: checkEveryMs,
    maxHeaderSize: 16_384,
    requireHostHeader: false,
  };
  const options = {
    bodyLimit: BODY_LIMIT,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveMs,
    connectionTimeout: quietMs,
    http,
    genReqId: requestIdOf,
    requestIdHeader: false,
    return503OnClosing: false,
    routerOptions: {
      caseSensitive: true,
      ignoreTrailingSlash: false,
      ignoreDuplicateSlashes: false,
      maxParamLength: 200,
    },
    clientErrorHandler: answerClientError,
    frameworkErrors: (error, request, reply) => {
      reply.headers({ ...BARE_HEADERS, 'x-request-id': request.id });
      sendProblem(request, reply, toProblem(error), traceId);
    },
  } satisfies FastifyHttpOptions<Server>;
  // Its types know a server of one kind only.
  const adapter = new EdgeAdapter(
    tls ? ({ ...options, https: { ...http, ...tlsServerOptions(tls) } } as object) : options,
  );
  (adapter.getInstance().server as Server).maxConnections = maxConnections;
  return adapter;
}
