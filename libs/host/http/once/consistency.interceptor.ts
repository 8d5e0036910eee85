import { InvalidToken, consistencyToken, withConsistency } from '@holdfast/data-consistency';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { badRequest } from '../problem/problems.js';

const HEADER = 'Consistency-Token';

/** Read-your-writes: a write's answer carries `Consistency-Token`; a read that sends it back sees that write, or gets 503. */
@Injectable()
export class ConsistencyInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const token = request.headers['consistency-token'];
    const work = async () => {
      const body = await lastValueFrom(next.handle(), { defaultValue: undefined });
      const written = consistencyToken();
      if (written !== undefined) void reply.header(HEADER, written);
      return body;
    };
    try {
      return from(withConsistency(token === undefined ? undefined : String(token), work));
    } catch (error) {
      if (error instanceof InvalidToken) throw badRequest({ detail: error.message, field: HEADER, rule: 'format' });
      throw error;
    }
  }
}
