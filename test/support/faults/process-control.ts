import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
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

/** Whether a process has a connection open that leaves from this TCP port. */
export function connectsFrom(pid: number, port: number): boolean {
  const hex = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const connections = ['tcp', 'tcp6'].flatMap((table) => readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n'));
  const columns = connections.map((line) => line.trim().split(/\s+/)).filter(([, local]) => local?.endsWith(hex));
  const inodes = new Set(columns.map((line) => `socket:[${line[9]}]`));
  return readdirSync(`/proc/${pid}/fd`).some((fd) => {
    try {
      return inodes.has(readlinkSync(`/proc/${pid}/fd/${fd}`));
    } catch {
      return false; // closed meanwhile
    }
  });
}

/** SIGKILL. */
export async function murder(pid: number): Promise<void> {
  process.kill(pid, 'SIGKILL');
  await eventually(() => ['', 'Z', 'X'].includes(stateOf(pid)), { what: `process ${pid} ended` });
}
