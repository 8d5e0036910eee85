import { spawnSync } from 'node:child_process';
import { isAlive } from '../../../scripts/launch/running.mjs';

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
/** A worker that hears the signal is gone by then (worker-signal.cjs), and its file has another chance. */
const DEAF_AFTER_MS = 5 * SECOND;

/**
 * Ends what would never end. No timeout of jest reaches a test file that blocks its worker or hangs while it is loaded, nor a
 * worker that does not leave at the end: after `fileMs` (default 15 minutes; the longest file takes three to six, in full 60) and
 * `endMs` (1 minute) the reporter says what still runs and ends the workers. Jest begins the file of one that waited again, and
 * fails that of one that was blocked.
 */
export default class PatienceReporter {
  #running = new Map(); // path: since when
  #lastResult = Date.now();
  #looking;

  constructor(_config, { fileMs = (process.env.FAULTS === 'full' ? 60 : 15) * MINUTE, endMs = MINUTE } = {}) {
    this.fileMs = fileMs;
    this.endMs = endMs;
  }

  onRunStart() {
    this.#looking = setInterval(() => this.#look(), Math.min(this.fileMs, this.endMs) / 4);
  }

  onTestFileStart({ path }) {
    this.#running.set(path, Date.now());
  }

  onTestFileResult({ path }) {
    this.#running.delete(path);
    this.#lastResult = Date.now();
  }

  onRunComplete() {
    clearInterval(this.#looking);
  }

  #look() {
    const now = Date.now();
    const overdue = [...this.#running].filter(([, since]) => now - since > this.fileMs);
    const stays = this.#running.size === 0 && now - this.#lastResult > this.endMs;
    if (overdue.length === 0 && !stays) return;
    const minutes = (since) => ((now - since) / MINUTE).toFixed(1);
    console.error(
      stays
        ? 'Every test file has ended, and a worker of jest has not.'
        : overdue.map(([path, since]) => `${path} has not ended after ${minutes(since)} min.`).join('\n'),
    );
    for (const path of this.#running.keys()) this.#running.set(path, now);
    endWorkers();
  }
}

function endWorkers() {
  const processes = descendantsOf(process.pid);
  const workers = processes.filter(({ parent, command }) => parent === process.pid && command.includes('jest-worker'));
  console.error(['What runs, and is now ended:', ...processes.map(({ line }) => line)].join('\n'));
  for (const { pid } of workers) process.kill(pid, 'SIGUSR2');
  setTimeout(() => {
    for (const { pid } of workers.filter((one) => isAlive(one.pid))) process.kill(pid, 'SIGKILL');
  }, DEAF_AFTER_MS);
}

/** Parents before their children. */
function descendantsOf(root) {
  const { stdout } = spawnSync('ps', ['-A', '-o', 'pid=,ppid=,etime=,time=,args='], { encoding: 'utf8' });
  const all = (stdout ?? '').split('\n').map((line) => {
    const [pid, parent, , , ...command] = line.trim().split(/\s+/);
    return { pid: Number(pid), parent: Number(parent), command: command.join(' '), line: line.slice(0, 200) };
  });
  const family = [];
  const collect = (parent) => {
    for (const child of all.filter((one) => one.parent === parent)) {
      family.push(child);
      collect(child.pid);
    }
  };
  collect(root);
  return family;
}
