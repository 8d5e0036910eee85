import { createParamDecorator } from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import { currentPrincipal } from '../principal/principal.js';
import type { Principal } from '../principal/principal.js';

/**
 * The principal of the request being handled.
 *
 * @returns `undefined` for anonymous callers, which only `@Open()` routes see.
 */
export function principalOf(context: ExecutionContext): Principal | undefined {
  if (context.getType() !== 'http') return currentPrincipal();
  return context.switchToHttp().getRequest<{ user?: Principal }>().user;
}

/**
 * Parameter decorator: the caller. On `@Open()` routes the parameter may be `undefined`.
 *
 * @example @SignedIn() @Get('me') me(@Caller() caller: Principal) { … }
 */
export const Caller = createParamDecorator((_: unknown, context: ExecutionContext) => principalOf(context));
