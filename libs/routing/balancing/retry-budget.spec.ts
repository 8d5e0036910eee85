import { RetryBudget, type RetryBudgetOptions } from './retry-budget.js';

describe('a budget for retries', () => {
  let clock = 0;
  beforeEach(() => (clock = 0));
  const open = (options: RetryBudgetOptions = {}) => new RetryBudget({ now: () => clock, ...options });

  /** Requests over some time that all fail, each tried again up to twice. */
  const storm = (budget: RetryBudget, { requests, seconds }: { requests: number; seconds: number }) => {
    let attempts = 0;
    for (let index = 0; index < requests; index++) {
      clock += (seconds * 1_000) / requests;
      budget.requested();
      attempts += 1;
      for (let retries = 0; retries < 2 && budget.mayRetry(); retries++) attempts += 1;
    }
    return attempts / requests;
  };

  it.each([
    { requests: 3_000, seconds: 30 },
    { requests: 30_000, seconds: 30 },
    { requests: 2_000, seconds: 0.5 },
  ])('makes a tenth more of $requests failures in $seconds s, not three times as many', (load) => {
    expect(storm(open(), load)).toBeCloseTo(1.1, 2);
  });

  it('allows three a second where a tenth of the requests is less', () => {
    const budget = open();
    const perSecond = Array.from({ length: 30 }, () => {
      clock += 1_000;
      budget.requested();
      return Array.from({ length: 10 }, () => budget.mayRetry()).filter(Boolean).length;
    });
    // What quiet seconds left may be used at once; after that there are thirty in any ten seconds.
    expect(perSecond.slice(0, 5)).toEqual([10, 10, 10, 0, 0]);
    for (let at = 0; at + 10 <= 30; at++)
      expect(perSecond.slice(at, at + 10).reduce((sum, retries) => sum + retries)).toBe(30);
  });

  it('grows with the requests and forgets them after ten seconds', () => {
    const budget = open({ floorPerSecond: 0 });
    expect(budget.mayRetry()).toBe(false);
    for (let index = 0; index < 20; index++) budget.requested();
    expect([budget.mayRetry(), budget.mayRetry(), budget.mayRetry()]).toEqual([true, true, false]);
    for (let index = 0; index < 10; index++) budget.requested();
    expect(budget.mayRetry()).toBe(true);
    clock = 10_000;
    expect(budget.mayRetry()).toBe(false);
  });
});
