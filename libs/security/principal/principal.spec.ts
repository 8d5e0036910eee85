import { currentPrincipal, principalFromEnvelope, principalToEnvelope, runAs } from './principal.js';
import type { Principal } from './principal.js';

const ada: Principal = { id: 'ada', roles: ['admin'], sessionId: 'session-1' };
const bob: Principal = { id: 'bob', roles: [] };

describe('the carried principal', () => {
  it('is absent until somebody is acted for', () => {
    expect(currentPrincipal()).toBeUndefined();
  });

  it('survives awaits and timers, and ends with the work', async () => {
    await runAs(ada, async () => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(currentPrincipal()).toBe(ada);
    });
    expect(currentPrincipal()).toBeUndefined();
  });

  it('does not mix concurrent callers', async () => {
    const seen = await Promise.all(
      [ada, bob, undefined].map((who) =>
        runAs(who, async () => {
          await new Promise((resolve) => setImmediate(resolve));
          return currentPrincipal();
        }),
      ),
    );
    expect(seen).toEqual([ada, bob, undefined]);
  });

  it('can be made anonymous inside somebody else, and comes back', () => {
    runAs(ada, () => {
      expect(runAs(undefined, () => currentPrincipal())).toBeUndefined();
      expect(currentPrincipal()).toBe(ada);
    });
  });

  it('hands back results and errors unchanged', () => {
    expect(runAs(ada, () => 42)).toBe(42);
    const failure = new Error('no');
    expect(() =>
      runAs(ada, () => {
        throw failure;
      }),
    ).toThrow(failure);
  });
});

describe('a principal in a message envelope', () => {
  it('is plain JSON with subject and roles, without the session', () => {
    const wire = JSON.parse(JSON.stringify(principalToEnvelope(ada)));
    expect(wire).toEqual({ sub: 'ada', roles: ['admin'] });
    expect(principalFromEnvelope(wire)).toEqual({ id: 'ada', roles: ['admin'] });
  });

  it('may be absent', () => {
    expect(principalToEnvelope(undefined)).toBeUndefined();
    expect(principalFromEnvelope(undefined)).toBeUndefined();
    expect(principalFromEnvelope(null)).toBeUndefined();
  });

  it('cannot be changed after it was read', () => {
    const read = principalFromEnvelope({ sub: 'ada', roles: [] })!;
    expect(() => (read.roles as string[]).push('admin')).toThrow(TypeError);
    expect(() => Object.assign(read, { id: 'root' })).toThrow(TypeError);
  });

  it.each([
    ['text', 'ada'],
    ['an empty object', {}],
    ['no roles', { sub: 'ada' }],
    ['roles as text', { sub: 'ada', roles: 'admin' }],
    ['a role that is no text', { sub: 'ada', roles: [1] }],
    ['an empty role', { sub: 'ada', roles: [''] }],
    ['an empty subject', { sub: '', roles: [] }],
    ['a number as subject', { sub: 7, roles: [] }],
    ['an endless subject', { sub: 'a'.repeat(129), roles: [] }],
    ['too many roles', { sub: 'ada', roles: Array.from({ length: 33 }, (_, at) => `role-${at}`) }],
  ])('is refused when it is %s', (_, envelope) => {
    expect(() => principalFromEnvelope(envelope)).toThrow(TypeError);
  });
});
