import { accessRuleKey, accessRuleOf, decideAccess, Open, Roles, SignedIn } from './access-rule.js';

@SignedIn()
class Orders {
  list() {}
  @Open() menu() {}
  @Roles('admin', 'operator') remove() {}
}
class Undecided {
  list() {}
}
const rule = (handler: object, controller: object = Orders) => accessRuleOf(handler, controller);
const orders = Orders.prototype;

describe('access rules', () => {
  it('stand under the key other libraries know', () => {
    expect(accessRuleKey).toBe('holdfast:access');
    expect(Reflect.getMetadata('holdfast:access', orders.menu)).toEqual({ kind: 'open' });
  });

  it('of the method win over those of the class', () => {
    expect(rule(orders.list)).toEqual({ kind: 'signed-in' });
    expect(rule(orders.menu)).toEqual({ kind: 'open' });
    expect(rule(orders.remove)).toEqual({ kind: 'roles', roles: ['admin', 'operator'] });
  });

  it('are absent where nobody decided', () => {
    expect(rule(Undecided.prototype.list, Undecided)).toBeUndefined();
  });

  it.each([
    'open',
    true,
    {},
    { kind: 'opne' },
    { kind: 'roles' },
    { kind: 'roles', roles: [] },
    { kind: 'roles', roles: [1] },
  ])('that are misspelt count as none: %j', (value) => {
    const handler = () => undefined;
    Reflect.defineMetadata(accessRuleKey, value, handler);
    expect(rule(handler)).toBeUndefined();
  });

  it('need at least one role', () => {
    expect(() => (Roles as (...roles: string[]) => unknown)()).toThrow(TypeError);
    expect(() => Roles('')).toThrow(TypeError);
  });

  const admin = { kind: 'roles', roles: ['admin', 'operator'] } as const;
  it.each([
    [{ kind: 'open' } as const, undefined, 'granted'],
    [{ kind: 'open' } as const, [], 'granted'],
    [{ kind: 'signed-in' } as const, undefined, 'sign-in'],
    [{ kind: 'signed-in' } as const, [], 'granted'],
    [admin, undefined, 'sign-in'],
    [admin, [], 'forbidden'],
    [admin, ['Admin', 'admin '], 'forbidden'],
    [admin, ['operator'], 'granted'],
  ])('%j for roles %j: %s', (access, roles, decision) => {
    expect(decideAccess(access, roles && { id: 'ada', roles })).toBe(decision);
  });
});
