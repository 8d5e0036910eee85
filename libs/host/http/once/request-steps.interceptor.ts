import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { from, lastValueFrom, type Observable } from 'rxjs';
import { Roads } from '../../context/roads.js';
import { ConsistencyStep } from './consistency.js';
import { IdempotencyStep } from './idempotency.js';
import { LocationStep } from './location.js';
import type { RequestStep } from './request-step.js';

/**
 * The steps around every handler, in one interceptor: Nest wraps each interceptor in several observables and an
 * asynchronous scope of its own, which cost more than what these steps do.
 */
@Injectable()
export class RequestStepsInterceptor implements NestInterceptor {
  /** Outermost first: the token of a write is known only after it, a replay needs its Location too. */
  private readonly steps: readonly RequestStep[];

  constructor(reflector: Reflector, roads: Roads) {
    this.steps = [new ConsistencyStep(), new LocationStep(reflector), new IdempotencyStep(reflector, roads)];
  }

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const handle = () => lastValueFrom(next.handle(), { defaultValue: undefined });
    const inside = (step: number): Promise<unknown> =>
      step === this.steps.length ? handle() : this.steps[step]!.around(context, () => inside(step + 1));
    return from(inside(0));
  }
}
