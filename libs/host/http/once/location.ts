import { SetMetadata } from '@nestjs/common';
import type { Around, RequestStep, Route } from './request-step.js';

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
  around({ handler }: Route): Around | undefined {
    const pathOf = Reflect.getMetadata(LOCATION, handler) as ((body: unknown) => string) | undefined;
    if (!pathOf) return undefined;
    return async ({ reply }, next) => {
      const body = await next();
      void reply.header('Location', pathOf(body));
      return body;
    };
  }
}
