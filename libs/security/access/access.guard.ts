import { ForbiddenException, Inject, Injectable, UnauthorizedException } from '@nestjs/common';
import type { ExecutionContext, Type } from '@nestjs/common';
import { AuthGuard } from '@nestjs/passport';
import { currentPrincipal } from '../principal/principal.js';
import type { Principal } from '../principal/principal.js';
import { securityOptions } from '../security-options.js';
import type { SecurityOptions } from '../security-options.js';
import { KeysUnavailableError } from '../tokens/key-source.js';
import { accessRuleOf, decideAccess } from './access-rule.js';
import type { AccessRule } from './access-rule.js';
import { AccessTokenStrategy, neededAudiences } from './access-token.strategy.js';
import type { HttpRequest } from './authorization-header.js';
import { principalOf } from './caller.js';
import { keysUnavailable } from './keys-unavailable.js';

interface HttpResponse {
  header(name: string, value: string): unknown;
}

interface Addressed extends HttpRequest {
  user?: Principal;
  [neededAudiences]?: readonly string[];
}

/**
 * The one global guard: default deny on every matched route.
 *
 * Reads the rule that `@Open()`, `@SignedIn()` or `@Roles()` put on the route and throws, each with a stable
 * `errorCode`: 401 `invalid_token` with `WWW-Authenticate: Bearer error="invalid_token"` (RFC 6750 §3), the same answer
 * whether the token was absent, expired or forged; 403 `insufficient_role`; 403 `access_undeclared` for a route without
 * a rule; 503 `keys_unavailable` when the token can be neither believed nor refused.
 *
 * Messages (Nest's `rpc`) were authorised where they entered. A rule on such a handler is checked against the principal
 * that travelled with the message; without a rule they pass.
 */
@Injectable()
export class AccessGuard extends AuthGuard() {
  private readonly rules = new WeakMap<object, Map<Type, AccessRule | undefined>>();

  constructor(
    private readonly strategy: AccessTokenStrategy,
    @Inject(securityOptions) private readonly security: SecurityOptions,
  ) {
    super({ defaultStrategy: strategy.name });
  }

  override async canActivate(context: ExecutionContext): Promise<boolean> {
    const rule = this.ruleOf(context.getHandler(), context.getClass());
    const transport = context.getType();
    if (transport === 'rpc') return enforce(rule ?? { kind: 'open' }, currentPrincipal());
    if (!rule || transport !== 'http') {
      throw new ForbiddenException('This route declares no access', { errorCode: 'access_undeclared' });
    }
    await this.authenticate(rule, context);
    return enforce(rule, principalOf(context), context.switchToHttp().getResponse());
  }

  /** What was declared does not change while the process runs. */
  private ruleOf(handler: object, controller: Type): AccessRule | undefined {
    let ofHandler = this.rules.get(handler);
    if (!ofHandler) this.rules.set(handler, (ofHandler = new Map()));
    if (!ofHandler.has(controller)) ofHandler.set(controller, accessRuleOf(handler, controller));
    return ofHandler.get(controller);
  }

  /** Anonymous is no error here: whether that is enough, the rule decides. */
  override handleRequest<User>(error: unknown, principal: User | false): User {
    if (error) throw error;
    return (principal || undefined) as User;
  }

  private async authenticate(rule: AccessRule, context: ExecutionContext): Promise<void> {
    const http = context.switchToHttp();
    const request = http.getRequest<Addressed>();
    const audiences = this.security.audiencesOf?.(context.getClass());
    const known = this.strategy.remembered(request, audiences);
    if (known) return void (request.user = known); // Passport takes twenty times as long to find the same
    if (audiences) request[neededAudiences] = audiences;
    try {
      await super.canActivate(context);
    } catch (error) {
      if (!(error instanceof KeysUnavailableError)) throw error;
      if (rule.kind === 'open') return forgetCaller(context);
      throw keysUnavailable(http.getResponse(), error);
    }
  }
}

function forgetCaller(context: ExecutionContext): void {
  context.switchToHttp().getRequest<{ user?: Principal }>().user = undefined;
}

function enforce(rule: AccessRule, principal: Principal | undefined, response?: HttpResponse): true {
  const decision = decideAccess(rule, principal);
  if (decision === 'granted') return true;
  if (decision === 'sign-in') {
    response?.header('WWW-Authenticate', 'Bearer error="invalid_token"');
    throw new UnauthorizedException('A valid access token is required', { errorCode: 'invalid_token' });
  }
  response?.header('WWW-Authenticate', 'Bearer error="insufficient_scope"');
  throw new ForbiddenException('The caller has no role that may do this', { errorCode: 'insufficient_role' });
}
