import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { stopAndTell } from '../../scripts/launch/app.mjs';

const root = path.resolve(import.meta.dirname, '../..');

/** A launcher of something that only says how it stops; told to stop as soon as it runs, or while it starts. */
async function interrupted(stop: string, starting = ''): Promise<{ code: number | null; said: string }> {
  const script = `
    import { runCommand } from './scripts/launch/command.mjs';
    setTimeout(() => process.kill(process.pid, 'SIGINT'), 50);
    await runCommand(async (signal) => {
      ${starting}
      return { exited: new Promise(() => setInterval(() => {}, 1000)), kill() {}, stop: async () => ${stop} };
    });`;
  const launcher = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: root,
    env: { PATH: process.env.PATH },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [launcher.stdout, launcher.stderr]) stream.on('data', (text: Buffer) => (said += String(text)));
  const [code] = (await once(launcher, 'close')) as [number | null];
  return { code, said };
}

describe('a launcher that is told to stop', () => {
  it('ends with 0 when everything ended as it should', async () => {
    expect((await interrupted('[]')).code).toBe(0);
  });

  it('says what did not, and ends with 1', async () => {
    const { code, said } = await interrupted("['orders ended with code 137 while stopping']");
    expect([code, said]).toEqual([1, expect.stringContaining('orders ended with code 137 while stopping')]);
  });

  it('says why it could not stop, and ends with 1', async () => {
    const { code, said } = await interrupted("Promise.reject(new Error('process 7 does not end'))");
    expect([code, said]).toEqual([1, expect.stringContaining('process 7 does not end')]);
  });

  it('ends with 0 when nothing ran yet', async () => {
    const untilAsked =
      "await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));";
    expect((await interrupted('[]', `setInterval(() => {}, 1000); ${untilAsked}`)).code).toBe(0);
  });
});

describe('an app that is told to stop', () => {
  const app = (stop: () => Promise<number>, exited: Promise<number> = new Promise(() => {})) => ({ exited, stop });

  it.each([
    ['has drained', 0, []],
    ['had not learnt to drain', 143, []],
    ['took too long', 1, ['orders ended with code 1 while stopping']],
    ['was killed', 137, ['orders ended with code 137 while stopping']],
  ])('and %s', async (_, code, complaints) => {
    expect(
      await stopAndTell(
        'orders',
        app(async () => code),
      ),
    ).toEqual(complaints);
  });

  it('and had crashed before is not complained of again', async () => {
    expect(
      await stopAndTell(
        'orders',
        app(async () => 3, Promise.resolve(3)),
      ),
    ).toEqual([]);
  });

  it('and does not end is complained of, so that the others are stopped', async () => {
    const stop = () => Promise.reject(new Error('process 7 does not end'));
    expect(await stopAndTell('orders', app(stop))).toEqual(['orders: process 7 does not end']);
  });
});
