import { Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { PROBLEM_MEDIA_TYPE } from './problem.js';
import type { ProblemException } from './problem.exception.js';
import { instanceOf, problemBody, sendProblem, type TraceIdOf } from './send-problem.js';
import { toProblem, type ErrorAnswers } from './to-problem.js';

/** Answers whatever was thrown, wherever it was thrown. A 500 is a defect and is logged whole; its text is not sent. */
export class ProblemAnswers {
  private readonly logger = new Logger('Problem');

  constructor(
    private readonly traceId: TraceIdOf,
    /** Answers to further errors, by their `name`. */
    private readonly errors: ErrorAnswers = {},
  ) {}

  answer(thrown: unknown, request: FastifyRequest, reply: FastifyReply): void {
    const problem = this.recorded(thrown);
    if (reply.sent || reply.raw.headersSent) cutOff(reply.raw);
    else sendProblem(request, reply, problem, this.traceId);
  }

  /** For Nest middleware, which is given Node's own request and response. */
  answerRaw(thrown: unknown, request: IncomingMessage, response: ServerResponse): void {
    const problem = this.recorded(thrown);
    if (response.headersSent) return cutOff(response);
    const traceId = this.traceId({ raw: request, id: String(response.getHeader('x-request-id')) });
    const body = problemBody(problem, { instance: instanceOf(request.url), traceId });
    response.writeHead(body.status, {
      'cache-control': 'no-store',
      ...problem.headers,
      'content-type': PROBLEM_MEDIA_TYPE,
    });
    response.end(JSON.stringify(body));
  }

  private recorded(thrown: unknown): ProblemException {
    const problem = toProblem(thrown, this.errors);
    if (problem.getStatus() === 500) this.logger.error(thrown);
    else if (problem.getStatus() > 500) this.logger.warn(`${problem.slug}: ${reasonOf(problem)}`);
    return problem;
  }
}

/** Half an answer must not look whole to the client: break the connection. */
function cutOff(response: ServerResponse): void {
  if (!response.writableEnded) response.destroy();
}

function reasonOf({ cause, message }: ProblemException): string {
  if (!(cause instanceof Error)) return message;
  const { code } = cause as { code?: unknown };
  return typeof code === 'string' ? `${cause.name} ${code}` : `${cause.name}: ${cause.message}`;
}
