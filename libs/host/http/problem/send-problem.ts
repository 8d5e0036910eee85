import type { FastifyReply, FastifyRequest } from 'fastify';
import { PROBLEM_MEDIA_TYPE, problemType, type Problem } from './problem.js';
import type { ProblemException } from './problem.exception.js';

/** The id under which a request can be found in traces and logs. */
export type TraceIdOf = (request: Pick<FastifyRequest, 'id' | 'raw'>) => string;

/** Where an answer belongs: what was asked and which trace to look under. */
export interface ProblemContext {
  instance: string;
  traceId: string;
}

export function problemBody(problem: ProblemException, { instance, traceId }: ProblemContext): Problem {
  return {
    type: problemType(problem.slug),
    title: problem.title,
    status: problem.getStatus(),
    detail: problem.message,
    instance,
    traceId,
    ...(problem.errors ? { errors: problem.errors } : {}),
  };
}

/** The path of a request target, cut to a length that is safe to repeat. */
export function instanceOf(url: string | undefined): string {
  const path = (url ?? '/').split(/[?#]/, 1)[0] ?? '/';
  return path.length <= 200 ? path : `${path.slice(0, 200)}…`;
}

/** Answers a request with a problem. Bytes, not text: Fastify appends a charset to the media type of text. */
export function sendProblem(
  request: FastifyRequest,
  reply: FastifyReply,
  problem: ProblemException,
  traceId: TraceIdOf,
): FastifyReply {
  const body = problemBody(problem, { instance: instanceOf(request.raw.url), traceId: traceId(request) });
  // A guard may have said more than the problem knows, such as the reason in WWW-Authenticate: it stays.
  for (const [name, value] of Object.entries(problem.headers)) if (!reply.hasHeader(name)) reply.header(name, value);
  return reply
    .code(body.status)
    .header('content-type', PROBLEM_MEDIA_TYPE)
    .send(Buffer.from(JSON.stringify(body)));
}
