import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { throwError } from 'rxjs';
import type { ProblemAnswers } from './problem-answers.js';

/** The global filter. Errors of other transports are passed on: only HTTP speaks in problem documents. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly answers: ProblemAnswers) {}

  catch(exception: unknown, host: ArgumentsHost): unknown {
    if (host.getType() !== 'http') return throwError(() => exception);
    const request = host.switchToHttp().getRequest<FastifyRequest | IncomingMessage>();
    const reply = host.switchToHttp().getResponse<FastifyReply | ServerResponse>();
    if ('raw' in request && 'raw' in reply) this.answers.answer(exception, request, reply);
    else this.answers.answerRaw(exception, request as IncomingMessage, reply as ServerResponse);
    return undefined;
  }
}
