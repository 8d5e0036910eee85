// Which core runs what, and how much CPU a process used. Where taskset or /proc is missing, nothing is pinned or counted.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';

const hasTaskset = spawnSync('taskset', ['-V']).status === 0;

/** Clients and servers under test on one core, PostgreSQL and load generators on the other. */
export const CLIENT_CORE = 0;
export const DATABASE_CORE = 1;

export const pins = hasTaskset && os.cpus().length >= 2;

/** A command line that runs on one core only. */
export function onCore(core, command, args) {
  return pins ? ['taskset', ['-c', String(core), command, ...args]] : [command, args];
}

/** Moves a running process with all its threads, and the children it will have, to one core. */
export function pin(pid, core) {
  if (pins) spawnSync('taskset', ['-apc', String(core), String(pid)]);
}

/** CPU of a process so far, µs, all threads; 0 where that cannot be known. */
export function cpuOf(pid) {
  try {
    return fs.readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + threadCpu(pid, thread), 0);
  } catch {
    return 0;
  }
}

/** The first field of schedstat is nanoseconds on a CPU; stat only counts ticks of 10 ms (utime, stime). */
function threadCpu(pid, thread) {
  const folder = `/proc/${pid}/task/${thread}`;
  const spent = Number(fs.readFileSync(`${folder}/schedstat`, 'utf8').split(' ')[0]);
  if (spent > 0) return spent / 1_000;
  const stat = fs.readFileSync(`${folder}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10_000;
}

/** CPU of a process and of each of its children, µs by process id. */
export function cpuOfGroup(pid) {
  return new Map([pid, ...childrenOf(pid)].map((member) => [member, cpuOf(member)]));
}

/** What a group used since an earlier reading, µs. A member that ended in between is left out. */
export function usedSince(pid, before) {
  let used = 0;
  for (const [member, now] of cpuOfGroup(pid)) used += Math.max(0, now - (before.get(member) ?? 0));
  return used;
}

function childrenOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number);
  } catch {
    return [];
  }
}
