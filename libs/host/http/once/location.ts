import { SetMetadata, type ExecutionContext } from '@nestjs/common';
import type { Reflector } from '@nestjs/core';
import type { FastifyReply } from 'fastify';
import type { RequestStep } from './request-step.js';

const LOCATION = 'holdfast:location';

/**
 * Adds `Location` to a 201, also when the answer is a replay.
 *
 * @example @Created((order: OrderView) => `/api/v1/orders/${order.id}`)
 */
export function Created<Body>(pathOf: (body: Body) => string): MethodDecorator {
  return SetMetadata(LOCATION, pathOf);
}

export class LocationStep implements RequestStep {
  constructor(private readonly reflector: Reflector) {}

  async around(context: ExecutionContext, next: () => Promise<unknown>): Promise<unknown> {
    const pathOf = this.reflector.get<((body: unknown) => string) | undefined>(LOCATION, context.getHandler());
    const body = await next();
    if (pathOf) void context.switchToHttp().getResponse<FastifyReply>().header('Location', pathOf(body));
    return body;
  }
}
