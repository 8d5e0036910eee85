import { jest } from '@jest/globals';
import { Pump, type Turn } from './pump.js';

/** A pump whose turns end when the test says so. */
function pumpOf(pollMs = 1_000) {
  const turns: { end: (turn: Turn) => void; fail: (error: Error) => void }[] = [];
  const failed = jest.fn();
  const turn = () => new Promise<Turn>((end, fail) => turns.push({ end, fail }));
  const pump = new Pump({ turn, failed, pollMs });
  const end = async (how: Turn | Error) => {
    const last = turns.at(-1)!;
    if (typeof how === 'string') last.end(how);
    else last.fail(how);
    await jest.advanceTimersByTimeAsync(0);
  };
  return { pump, turns, failed, end, pass: (ms: number) => jest.advanceTimersByTimeAsync(ms) };
}

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

describe('a pump', () => {
  it('goes on at once while there is more, then polls', async () => {
    const { pump, turns, end, pass } = pumpOf();
    pump.start();
    await end('more');
    expect(turns).toHaveLength(2);
    await end('idle');
    await pass(999);
    expect(turns).toHaveLength(2);
    await pass(1);
    expect(turns).toHaveLength(3);
  });

  it('looks more often while it finds what it was not woken for, and then ever less often', async () => {
    const { pump, turns, end, pass } = pumpOf();
    const sleeps = async (ms: number) => {
      const before = turns.length;
      await pass(ms - 1);
      expect(turns).toHaveLength(before);
      await pass(1);
      expect(turns).toHaveLength(before + 1);
    };
    pump.start();
    await end('idle');
    await sleeps(1_000);
    for (const found of ['more', 'some', 'some'] as const) {
      await end(found);
      if (found === 'more') await end('idle');
      await sleeps(20);
    }
    for (const ms of [40, 80, 160, 320, 640, 1_000, 1_000]) {
      await end('idle');
      await sleeps(ms);
    }
  });

  it('never looks more often for what it was woken for', async () => {
    const { pump, turns, end, pass } = pumpOf();
    pump.start();
    await end('some'); // what was there at its start
    for (const _ of [1, 2]) {
      pump.wake();
      await pass(0);
      await end('more');
      await end('some');
    }
    const before = turns.length;
    await pass(999);
    expect(turns).toHaveLength(before);
    await pass(1);
    pump.wake(); // during a turn that the clock began: who knows what it finds
    await end('some');
    await end('idle');
    const then = turns.length;
    await pass(999);
    expect(turns).toHaveLength(then);
  });

  it('takes another turn when it is woken during one', async () => {
    const { pump, turns, end } = pumpOf();
    pump.start();
    pump.wake();
    await end('idle');
    expect(turns).toHaveLength(2);
    await end('idle');
    expect(turns).toHaveLength(2);
  });

  it('takes a turn when it is woken from its sleep', async () => {
    const { pump, turns, end, pass } = pumpOf();
    pump.start();
    await end('idle');
    pump.wake();
    await pass(0);
    expect(turns).toHaveLength(2);
  });

  it('comes back soon, and ever less soon, to what is not settled', async () => {
    const { pump, turns, end, pass } = pumpOf();
    pump.start();
    for (const ms of [1, 2, 4, 8, 16, 32, 50, 50]) {
      const before = turns.length;
      await end('unsettled');
      await pass(ms - 1);
      expect(turns).toHaveLength(before);
      await pass(1);
      expect(turns).toHaveLength(before + 1);
    }
    await end('more');
    await end('unsettled');
    const before = turns.length;
    await pass(1);
    expect(turns).toHaveLength(before + 1);
  });

  it('waits longer and longer after failures, and cannot be woken from that', async () => {
    const { pump, turns, end, pass, failed } = pumpOf();
    pump.start();
    for (const ms of [50, 100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000]) {
      const before = turns.length;
      await end(new Error('broken'));
      pump.wake();
      await pass(ms - 1);
      expect(turns).toHaveLength(before);
      await pass(1);
      expect(turns).toHaveLength(before + 1);
    }
    expect(failed).toHaveBeenCalledTimes(9);
  });

  it('survives a listener that throws', async () => {
    const { pump, turns, end, pass, failed } = pumpOf();
    failed.mockImplementation(() => {
      throw new Error('listener');
    });
    pump.start();
    await end(new Error('broken'));
    await pass(50);
    expect(turns).toHaveLength(2);
  });

  it.each<[string, Turn | Error]>([
    ['idle', 'idle'],
    ['unsettled', 'unsettled'],
    ['failed', new Error('broken')],
  ])('stops at once when it sleeps after a turn that was %s, and can start again', async (_, how) => {
    const { pump, turns, end } = pumpOf();
    pump.start();
    await end(how);
    await pump.stop();
    expect(jest.getTimerCount()).toBe(0);
    const before = turns.length;
    pump.start();
    expect(turns).toHaveLength(before + 1);
  });

  it('stops after the turn under way', async () => {
    const { pump, turns, end } = pumpOf();
    pump.start();
    let stopped = false;
    const stopping = pump.stop().then(() => (stopped = true));
    await jest.advanceTimersByTimeAsync(0);
    expect(stopped).toBe(false);
    await end('more');
    await stopping;
    expect(turns).toHaveLength(1);
  });
});
