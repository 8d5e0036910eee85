import { type Launched, pauseBefore, supervise, type Supervised } from '../../scripts/topology/supervise.mjs';
import { tableLines } from '../../scripts/topology/table.mjs';
import { eventually } from '../support/eventually.js';

/** A process that only this test knows. */
class Actor implements Launched {
  private readonly end = Promise.withResolvers<number>();
  readonly exited = this.end.promise;

  constructor(readonly pid: number) {}

  crash(code = 1): void {
    this.end.resolve(code);
  }
  stop(): Promise<number> {
    this.end.resolve(0);
    return this.exited;
  }
  kill(): void {
    this.end.resolve(137);
  }
}

const stage = (isReady = async () => true) => {
  const actors: Actor[] = [];
  const states: string[] = [];
  const said: string[] = [];
  const arrivals: (() => void)[] = [];
  const launch = () => {
    const actor = new Actor(100 + actors.length);
    actors.push(actor);
    arrivals[actors.length - 1]?.();
    return actor;
  };
  const one: Supervised = supervise({
    name: 'orders',
    launch,
    isReady,
    pauseFor: () => 0,
    log: (text) => said.push(text),
    changed: ({ state }) => states.push(state),
  });
  const arrival = (nth: number) =>
    new Promise<Actor>((resolve) => {
      if (actors[nth]) resolve(actors[nth]);
      else arrivals[nth] = () => resolve(actors[nth]!);
    });
  return { one, actors, states, said, arrival };
};

describe('supervising a process', () => {
  it('waits longer each time, and never longer than ten seconds', () => {
    expect([1, 2, 3, 6, 7, 40].map(pauseBefore)).toEqual([200, 400, 800, 6_400, 10_000, 10_000]);
  });

  it('starts it again when it ends by itself', async () => {
    const { one, states, said, arrival } = stage();
    await one.ready;
    (await arrival(0)).crash(3);
    const second = await arrival(1);
    expect([one.restarts, one.pid]).toEqual([1, second.pid]);
    expect(said[0]).toContain('orders ended with code 3');
    expect(states.slice(0, 3)).toEqual(['starting', 'ready', 'waiting']);
    await one.stop();
    expect(one.state).toBe('stopped');
  });

  it('gives up on one that ends five times in a minute without ever being ready, and says so', async () => {
    const { one, actors, said, arrival } = stage(async () => false);
    for (let nth = 0; nth < 5; nth++) (await arrival(nth)).crash(9);
    await expect(one.ready).rejects.toThrow('orders does not start: it ended 5 times within 60 s, last with code 9.');
    await one.givenUp;
    expect([actors.length, one.state]).toEqual([5, 'given up']);
    expect(said.at(-1)).toMatch(/^orders is given up: .* mend it/);
  });

  it('goes on with one that was ready, however often it ends: what it needs will come back', async () => {
    const away = { is: false };
    const { one, actors, arrival } = stage(async () => !away.is);
    await one.ready;
    away.is = true;
    for (let nth = 0; nth < 12; nth++) (await arrival(nth)).crash(1);
    away.is = false;
    await arrival(12);
    await eventually(() => one.state === 'ready', { what: 'ready again' });
    expect([actors.length, one.restarts]).toEqual([13, 12]);
    await one.stop();
  });

  it('leaves one alone that was told to stop', async () => {
    const { one, actors } = stage();
    await one.ready;
    await one.stop();
    await new Promise(setImmediate);
    expect(actors).toHaveLength(1);
  });

  it('is shown in a table', () => {
    const shown = [
      { name: 'gateway', pid: 41, state: 'ready', restarts: 0, lag: 17 },
      { name: 'stock-and-money', pid: undefined, state: 'waiting', restarts: 12 },
    ];
    expect(tableLines(shown, (pid) => pid && 96)).toEqual([
      '  process          pid  state    restarts  memory  lag',
      '  gateway          41   ready    0         96 MB   17',
      '  stock-and-money  -    waiting  12        -       -',
    ]);
  });
});
