import { SetMetadata } from '@nestjs/common';
import type { Principal, Role } from '../principal/principal.js';

/** Metadata key of the access rule. Other libraries set the same key on their routes without importing this one. */
export const accessRuleKey = 'holdfast:access';

/** Who may call a route. */
export type AccessRule =
  | { readonly kind: 'open' }
  | { readonly kind: 'signed-in' }
  | { readonly kind: 'roles'; readonly roles: readonly Role[] };

/**
 * Everybody may call this route. A valid access token still sets the principal; an absent, expired or damaged one is
 * ignored and the caller is anonymous, so that a stale token never shuts somebody out of what is open to all.
 */
export const Open = () => SetMetadata(accessRuleKey, { kind: 'open' } satisfies AccessRule);

/** Any caller with a valid access token may call this route; which objects they may see, the handler decides. */
export const SignedIn = () => SetMetadata(accessRuleKey, { kind: 'signed-in' } satisfies AccessRule);

/**
 * Only callers with at least one of these roles may call this route.
 *
 * @throws TypeError without a role: that would be a route for nobody, or for everybody by mistake.
 * @example @Roles('admin') @Post() create() { … }
 */
export function Roles(...roles: [Role, ...Role[]]) {
  if (roles.length === 0 || !roles.every(isRole)) throw new TypeError('@Roles needs at least one role');
  return SetMetadata(accessRuleKey, { kind: 'roles', roles } satisfies AccessRule);
}

/**
 * The rule of a route: the one on the method, else the one on its class.
 *
 * @returns `undefined` when neither declares one, and when what is declared is no rule. Both mean: nobody may.
 */
export function accessRuleOf(handler: object, controller: object): AccessRule | undefined {
  const declared: unknown =
    Reflect.getMetadata(accessRuleKey, handler) ?? Reflect.getMetadata(accessRuleKey, controller);
  return isAccessRule(declared) ? declared : undefined;
}

/** Whether a caller passes a rule. `principal` is `undefined` for anonymous callers. */
export function decideAccess(rule: AccessRule, principal: Principal | undefined): 'granted' | 'sign-in' | 'forbidden' {
  if (rule.kind === 'open') return 'granted';
  if (!principal) return 'sign-in';
  if (rule.kind === 'signed-in') return 'granted';
  return rule.roles.some((role) => principal.roles.includes(role)) ? 'granted' : 'forbidden';
}

function isAccessRule(value: unknown): value is AccessRule {
  if (typeof value !== 'object' || value === null) return false;
  const { kind, roles } = value as { kind?: unknown; roles?: unknown };
  if (kind === 'roles') return Array.isArray(roles) && roles.length > 0 && roles.every(isRole);
  return kind === 'open' || kind === 'signed-in';
}

function isRole(value: unknown): value is Role {
  return typeof value === 'string' && value.length > 0;
}
