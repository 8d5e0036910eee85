import { SessionEnds } from '@holdfast/security';
import {
  Inject,
  Injectable,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
  type OnModuleInit,
  type Type,
} from '@nestjs/common';
import { ModuleRef } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { Observable } from 'rxjs';

/** Header by which a context tells the gateway which sessions its answer has ended. It never leaves the gateway. */
export const ENDED_SESSIONS = 'x-holdfast-ended-sessions';

/** Injection token of the provider that hears of ended sessions. */
export const SESSION_ENDS = Symbol('holdfast:session-ends');

/** Behind a gateway: whatever ends a session says so in its answer, so that the gateway knows before the user does. */
@Injectable()
export class AnnounceSessionEnds implements NestInterceptor, OnModuleInit {
  private readonly answers = new AsyncLocalStorage<FastifyReply>();

  constructor(
    private readonly modules: ModuleRef,
    @Inject(SESSION_ENDS) private readonly ends: Type<SessionEnds>,
  ) {}

  onModuleInit(): void {
    this.modules.get(this.ends, { strict: false }).listen((sessionId) => {
      const answer = this.answers.getStore();
      const before = answer?.getHeader(ENDED_SESSIONS);
      answer?.header(ENDED_SESSIONS, before === undefined ? sessionId : `${String(before)},${sessionId}`);
    });
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    if (context.getType() !== 'http') return next.handle();
    return this.answers.run(context.switchToHttp().getResponse<FastifyReply>(), () => next.handle());
  }
}
