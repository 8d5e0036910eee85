import { Injectable } from '@nestjs/common';
import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import type { Observable } from 'rxjs';
import { runAs } from '../principal/principal.js';
import { principalOf } from './caller.js';

/**
 * Carries the caller into the handler, so that `currentPrincipal()` works below it. An anonymous request is anonymous
 * even when it was made from inside somebody's `runAs`.
 */
@Injectable()
export class PrincipalInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    // Nest binds the rest of the chain to the asynchronous context in which handle() is called.
    return runAs(principalOf(context), () => next.handle());
  }
}
