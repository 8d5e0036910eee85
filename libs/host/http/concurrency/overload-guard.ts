import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unavailable } from '../problem/problems.js';
import type { ProblemException } from '../problem/problem.exception.js';
import type { ConcurrencyLimit, RequestClass } from './concurrency-limit.js';

export interface OverloadGuardOptions {
  limit: ConcurrencyLimit;
  /** Paths that are always answered: probes and metrics. */
  exempt: ReadonlySet<string>;
  /** Default: safe methods read, all others write. */
  classify?: (request: FastifyRequest) => RequestClass;
  refuse: (request: FastifyRequest, reply: FastifyReply, problem: ProblemException) => void;
  /** Seconds for `Retry-After`. Default 1. */
  retryAfterSeconds?: number;
  onShed?: (kind: RequestClass) => void;
}

/** Refuses requests beyond the limit before anything is read, parsed, authorised or queried: 503 `overloaded`. */
export function guardAgainstOverload(fastify: FastifyInstance, options: OverloadGuardOptions): void {
  const { limit, exempt, classify = byMethod, refuse, retryAfterSeconds = 1, onShed } = options;
  fastify.addHook('onRequest', (request, reply, done) => {
    if (exempt.has(request.routeOptions.url ?? '')) return done();
    const kind = classify(request);
    if (!limit.tryEnter(kind)) {
      onShed?.(kind);
      const detail = 'Too many requests are being worked on.';
      return refuse(request, reply, unavailable(retryAfterSeconds, { type: 'overloaded', detail }));
    }
    const entered = performance.now();
    // `close` comes once, whether the answer was sent or the client went away.
    reply.raw.once('close', () => limit.leave(kind, performance.now() - entered));
    done();
  });
}

const byMethod = ({ method }: FastifyRequest): RequestClass =>
  method === 'GET' || method === 'HEAD' ? 'read' : 'write';
