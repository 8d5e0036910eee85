import { appendFileSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTrap } from './crash-point.js';

/** How a process fares at a point: it ends before the step, does not hear that it was done, or ends after it. */
export type CrashMode = 'kill-before' | 'lose-reply' | 'kill-after';

/** What the file `order.json` says: where to crash, or to list which points are passed. */
export type CrashOrder = { record: true } | { label: string; nth: number; mode: CrashMode };

/**
 * Lets a test outside of this process say where it shall crash: at SIGUSR2 the process reads `order.json` in the folder,
 * and says in `armed` that it did. It then writes the label of each point into `passed` whenever it passes it, or crashes
 * once at the n-th passage of one, after saying so in `crashed`.
 *
 * @param folder A folder of the test's.
 * @param production Whether this is production.
 * @throws Error in production: nobody there may have the process killed.
 */
export function openCrashRoom(folder: string, production: boolean): void {
  if (production) throw new Error('Crash points are for tests: HOLDFAST_CRASH_POINTS must not be set in production');
  const at = (name: string) => path.join(folder, name);
  setTrap((_point, _detail, work) => work()); // from the start, so that hooks that are there only with a trap are
  process.on('SIGUSR2', () => {
    const order = JSON.parse(readFileSync(at('order.json'), 'utf8')) as CrashOrder;
    const passages = new Map<string, number>();
    setTrap(async (point, detail, work) => {
      const label = `${point}(${detail})`;
      const nth = (passages.get(label) ?? 0) + 1;
      passages.set(label, nth);
      if ('record' in order) {
        appendFileSync(at('passed'), `${label}\n`);
        return work();
      }
      if (label !== order.label || nth !== order.nth) return work();
      const crashed = () => writeFileSync(at('crashed'), label);
      if (order.mode === 'kill-before') return end(crashed);
      const result = await work();
      if (order.mode === 'kill-after') return end(crashed);
      crashed();
      void result;
      throw new Error('Connection terminated unexpectedly: nobody heard the answer at a crash point');
    });
    writeFileSync(at('armed'), '');
  });
}

function end(crashed: () => void): Promise<never> {
  crashed();
  process.kill(process.pid, 'SIGKILL');
  return new Promise(() => {});
}
