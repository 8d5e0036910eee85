import { FixedLimit } from './fixed-limit.js';

describe('a limit of places', () => {
  it('refuses reads first, then writes, and webhooks only when it is full', () => {
    const limit = new FixedLimit(20);
    const fill = (kind: 'webhook' | 'write' | 'read') => {
      while (limit.tryEnter(kind));
      return limit.inFlight;
    };
    expect([fill('read'), fill('write'), limit.full]).toEqual([17, 19, false]);
    expect([fill('webhook'), limit.full]).toEqual([20, true]);
    limit.leave();
    expect([limit.full, limit.tryEnter('write'), limit.tryEnter('webhook')]).toEqual([false, false, true]);
  });

  it('lets each kind in when there is one place only', () => {
    for (const kind of ['webhook', 'write', 'read'] as const) expect(new FixedLimit(1).tryEnter(kind)).toBe(true);
  });
});
