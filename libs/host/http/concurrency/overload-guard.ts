import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { unavailable } from '../problem/problems.js';
import type { ProblemException } from '../problem/problem.exception.js';
import type { FixedLimit } from './fixed-limit.js';
import { classOf } from './request-class.js';

export interface OverloadGuardOptions {
  limit: FixedLimit;
  /** Paths that are always answered: probes and metrics. */
  exempt: ReadonlySet<string>;
  refuse: (request: FastifyRequest, reply: FastifyReply, problem: ProblemException) => void;
}

/** Refuses requests beyond the limit before anything is read, parsed, authorised or queried: 503 `overloaded`. */
export function guardAgainstOverload(fastify: FastifyInstance, { limit, exempt, refuse }: OverloadGuardOptions): void {
  fastify.addHook('onRequest', (request, reply, done) => {
    if (exempt.has(request.routeOptions.url ?? '')) return done();
    if (!limit.tryEnter(classOf(request))) {
      const detail = 'Too many requests are being worked on.';
      return refuse(request, reply, unavailable(1, { type: 'overloaded', detail }));
    }
    // `close` comes once, whether the answer was sent or the client went away.
    reply.raw.once('close', () => limit.leave());
    done();
  });
}
