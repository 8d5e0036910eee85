import { jest } from '@jest/globals';
import { Deadline, DeadlineWheel } from './deadline-wheel.js';

class Alarm extends Deadline {
  constructor(override readonly expire: () => void) {
    super();
  }
}

describe('the deadline wheel', () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  it('expires each deadline within a tick after its time, never before', () => {
    const wheel = new DeadlineWheel(10);
    const expired: Record<number, number> = {};
    const started = performance.now();
    for (const ms of [0, 1, 9, 10, 11, 95, 1_000])
      wheel.set(new Alarm(() => (expired[ms] = performance.now() - started)), started + ms);
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
    const deadline = new Alarm(expire);
    wheel.set(deadline, performance.now() + 50);
    wheel.clear(deadline);
    jest.advanceTimersByTime(200);
    expect(expire).not.toHaveBeenCalled();
    expect(jest.getTimerCount()).toBe(0);
    wheel.set(deadline, performance.now() + 20);
    jest.advanceTimersByTime(60);
    expect(expire).toHaveBeenCalledTimes(1);
  });

  it('expires at the next tick what was due before it was set, be the wheel at rest, turning or ringing', () => {
    const wheel = new DeadlineWheel(10);
    const rung: string[] = [];
    const past = (name: string) => new Alarm(() => rung.push(name));
    wheel.set(past('at rest'), performance.now() - 500);
    jest.advanceTimersByTime(10);
    expect([rung, jest.getTimerCount()]).toEqual([['at rest'], 0]);
    wheel.set(new Alarm(() => wheel.set(past('ringing'), performance.now() - 500)), performance.now() + 30);
    jest.advanceTimersByTime(10);
    wheel.set(past('turning'), performance.now() - 500);
    jest.advanceTimersByTime(60);
    expect([rung, jest.getTimerCount()]).toEqual([['at rest', 'turning', 'ringing'], 0]);
  });

  it('keeps the rest of a slot when one of it is cleared, whichever, even while they expire', () => {
    for (const gone of [0, 1, 2]) {
      const wheel = new DeadlineWheel(10);
      const rung: string[] = [];
      const late = new Alarm(() => rung.push('late'));
      const alarms = ['a', 'b', 'c'].map((name) => new Alarm(() => (rung.push(name), wheel.clear(late))));
      for (const alarm of [...alarms, late]) wheel.set(alarm, performance.now() + 20);
      wheel.clear(alarms[gone]!);
      wheel.clear(alarms[gone]!);
      jest.advanceTimersByTime(60);
      expect(rung).toEqual(['a', 'b', 'c'].filter((_, n) => n !== gone));
      expect(jest.getTimerCount()).toBe(0);
    }
  });
});
