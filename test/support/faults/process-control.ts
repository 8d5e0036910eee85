import { readFileSync } from 'node:fs';
import { eventually } from '../eventually.js';

/** 'T' stopped, 'Z' ended and not waited for, '' gone; else running or asleep. */
function stateOf(pid: number): string {
  try {
    return /^State:\s+(\w)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '';
  } catch {
    return '';
  }
}

export const isRunning = (pid: number): boolean => !['', 'T', 'Z', 'X'].includes(stateOf(pid));

/** SIGSTOP: the process stands still, its connections stay open. */
export async function freeze(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  await eventually(() => stateOf(pid) === 'T', { what: `process ${pid} stopped` });
}

/** SIGCONT. */
export async function thaw(pid: number): Promise<void> {
  process.kill(pid, 'SIGCONT');
  await eventually(() => stateOf(pid) !== 'T', { what: `process ${pid} goes on` });
}

/** SIGKILL. */
export async function murder(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(() => ['', 'Z', 'X'].includes(stateOf(pid)), { what: `process ${pid} ended` });
}
