import { EventEmitter, once } from 'node:events';
import { Shutdown, type ShutdownStep } from './shutdown.js';

const silent = { log: () => {}, warn: () => {}, error: () => {} };

function shutdownOf(steps: ShutdownStep[], boundMs?: number) {
  const exits: number[] = [];
  const exited = new EventEmitter();
  const exit = (code: number): void => {
    exits.push(code);
    exited.emit('exit', code);
  };
  const shutdown = new Shutdown({ steps, boundMs, exit, log: silent });
  return { shutdown, exits, exited };
}

const fakeProcess = (withChannel: boolean) =>
  Object.assign(new EventEmitter(), withChannel ? { send: () => true } : {}) as unknown as NodeJS.Process;
const never = () => new Promise(() => {});

describe('Shutdown', () => {
  it('runs its steps in order, each after the one before, and exits with 0', async () => {
    const ran: string[] = [];
    const step = (name: string): ShutdownStep => ({
      name,
      run: async () => {
        ran.push(`${name} begins`);
        await new Promise(setImmediate);
        ran.push(`${name} ends`);
      },
    });
    const { shutdown, exits } = shutdownOf([step('a'), step('b')]);
    const outcomes = await shutdown.start('test');
    expect(ran).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
    expect(outcomes.map(({ name, outcome }) => `${name} ${outcome}`)).toEqual(['a done', 'b done']);
    expect(exits).toEqual([0]);
  });

  it('goes on after a step that fails or hangs, and exits with 1', async () => {
    const { shutdown, exits } = shutdownOf([
      {
        name: 'throws',
        run: () => {
          throw new Error('no');
        },
      },
      { name: 'rejects', run: () => Promise.reject(new Error('no')) },
      { name: 'hangs', run: never, limitMs: 10 },
      { name: 'works', run: () => {} },
    ]);
    const outcomes = await shutdown.start('test');
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(['failed', 'failed', 'timed out', 'done']);
    expect(exits).toEqual([1]);
  });

  it('exits with 1 when all steps together take too long', async () => {
    const { shutdown, exited } = shutdownOf([{ name: 'hangs', run: never, limitMs: 200 }], 20);
    const outcomes = shutdown.start('test');
    expect(await once(exited, 'exit')).toEqual([1]);
    await outcomes; // a real process is gone by now
  });

  it('starts once, and a second signal exits now', async () => {
    const target = fakeProcess(false);
    let runs = 0;
    let finish = () => {};
    const held = new Promise<void>((resolve) => (finish = resolve));
    const { shutdown, exits, exited } = shutdownOf([{ name: 'held', run: () => ((runs += 1), held) }]);
    shutdown.listen(target);
    target.emit('SIGTERM', 'SIGTERM');
    await new Promise(setImmediate);
    expect(exits).toEqual([]);
    target.emit('SIGINT', 'SIGINT');
    expect(exits).toEqual([1]);
    finish();
    await once(exited, 'exit');
    expect(runs).toBe(1);
  });

  it.each([
    [true, [0]],
    [false, []],
  ])('stops when its launcher is gone (IPC channel: %s)', async (withChannel, expected) => {
    const target = fakeProcess(withChannel);
    const { shutdown, exits, exited } = shutdownOf([{ name: 'a', run: () => {} }]);
    shutdown.listen(target);
    const exit = withChannel ? once(exited, 'exit') : new Promise(setImmediate);
    target.emit('disconnect');
    await exit;
    expect(exits).toEqual(expected);
  });

  it('takes an error of a start for what it is: a fault, or the end that the start has met', async () => {
    const { shutdown } = shutdownOf([]);
    const start = () => Promise.reject(new Error('the pool is closed'));
    await expect(shutdown.whileUp(start)).rejects.toThrow('the pool is closed');
    expect(shutdown.begun).toBe(false);
    void shutdown.start('test');
    expect(shutdown.begun).toBe(true);
    await expect(shutdown.whileUp(start)).resolves.toBeUndefined();
  });
});
