// What can be known about a process by its id alone. A process id may have been given to somebody else
// since it was written down, so nobody is stopped by id without asking what that process is.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { until } from './wait.mjs';

export function isAlive(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return error.code === 'EPERM';
  }
  return !isZombie(pid);
}

function isZombie(pid) {
  try {
    return /^State:\s+Z/m.test(fs.readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

/** The command line of a process, or '' when it is gone or cannot be read. */
export function commandOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return '';
    return spawnSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
  }
}

/**
 * When a process began, in the words of the system, or '' when that cannot be known. With the process id it names one
 * process for good, whatever the process calls itself.
 */
export function birthOf(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const ticks = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]; // field 22; the name before may hold anything
    return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${ticks}`;
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return '';
    return (spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '').trim();
  }
}

/** Sends `signal`, waits, then SIGKILL. Returns once the process is gone. */
export async function endProcess(pid, { signal = 'SIGTERM', withinMs = 10_000 } = {}) {
  for (const [step, patience] of [
    [signal, withinMs],
    ['SIGKILL', 5_000],
  ]) {
    try {
      process.kill(pid, step);
    } catch {
      return; // gone already
    }
    if (await until(() => !isAlive(pid), { withinMs: patience })) return;
  }
  throw new Error(`process ${pid} does not end, not even on SIGKILL`);
}
