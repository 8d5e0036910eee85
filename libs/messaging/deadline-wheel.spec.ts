import { jest } from '@jest/globals';
import { DeadlineWheel } from './deadline-wheel.js';

describe('the deadline wheel', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('expires each deadline within a tick after its time, never before', () => {
    const wheel = new DeadlineWheel(10);
    const expired: Record<number, number> = {};
    const started = performance.now();
    for (const ms of [0, 1, 9, 10, 11, 95, 1_000]) wheel.set(ms, () => (expired[ms] = performance.now() - started));
    jest.advanceTimersByTime(1_100);
    for (const [ms, at] of Object.entries(expired)) {
      expect(at).toBeGreaterThanOrEqual(Number(ms));
      expect(at).toBeLessThanOrEqual(Number(ms) + 30);
    }
    expect(Object.keys(expired)).toHaveLength(7);
  });

  it('forgets what is cleared, and stops ticking when empty', () => {
    const wheel = new DeadlineWheel(10);
    const expire = jest.fn();
    wheel.clear(wheel.set(50, expire));
    jest.advanceTimersByTime(200);
    expect(expire).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
    wheel.set(20, expire);
    jest.advanceTimersByTime(60);
    expect(expire).toHaveBeenCalledTimes(1);
  });
});
