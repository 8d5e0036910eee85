import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { CLIENT_CORE, DATABASE_CORE, onCore } from './processors.mjs';

/** A window is disturbed when the same work takes this much longer than at its best. */
const TOLERANCE = 1.3;

/**
 * Watches both cores. `disturbance()` runs 20 ms of fixed work on each and answers how much slower than ever before the
 * slower one was: 1 is undisturbed.
 */
export async function startCalibration() {
  const sentinels = await Promise.all([CLIENT_CORE, DATABASE_CORE].map(post));
  const best = sentinels.map(() => Infinity);
  const spinAll = () => Promise.all(sentinels.map(ask));
  const disturbance = async () => {
    const times = await spinAll();
    times.forEach((ms, core) => (best[core] = Math.min(best[core], ms)));
    return Math.max(...times.map((ms, core) => ms / best[core]));
  };
  for (let warm = 0; warm < 5; warm++) await disturbance();
  return {
    disturbance,
    isDisturbed: (value) => value > TOLERANCE,
    stop: () => sentinels.forEach((sentinel) => sentinel.kill()),
  };
}

async function post(core) {
  const file = path.join(import.meta.dirname, 'sentinel.mjs');
  const [command, args] = onCore(core, process.execPath, [file]);
  const sentinel = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  await once(sentinel, 'message');
  return sentinel;
}

async function ask(sentinel) {
  sentinel.send('spin');
  const [ms] = await once(sentinel, 'message');
  return ms;
}
