import { Injectable, SetMetadata, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';

const LOCATION = 'holdfast:location';

/**
 * Adds `Location` to a 201, also when the answer is a replay.
 *
 * @example @Created((order: OrderView) => `/api/v1/orders/${order.id}`)
 */
export function Created<Body>(pathOf: (body: Body) => string): MethodDecorator {
  return SetMetadata(LOCATION, pathOf);
}

@Injectable()
export class LocationInterceptor implements NestInterceptor {
  constructor(private readonly reflector: Reflector) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const pathOf = this.reflector.get<((body: unknown) => string) | undefined>(LOCATION, context.getHandler());
    if (!pathOf) return next.handle();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    return next.handle().pipe(
      map((body: unknown) => {
        void reply.header('Location', pathOf(body));
        return body;
      }),
    );
  }
}
