// How the processes are: a table that stays at the bottom of a terminal, plain lines anywhere else.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';

const HEADS = ['process', 'pid', 'state', 'restarts', 'memory'];

/** Resident memory in MB, or undefined. */
export function memoryOf(pid) {
  if (!pid) return undefined;
  try {
    const kilobytes = /^VmRSS:\s+(\d+)/m.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes && Math.round(Number(kilobytes) / 1024);
  } catch {
    if (process.platform === 'linux' || process.platform === 'win32') return undefined;
    const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' });
    return stdout?.trim() && Math.round(Number(stdout) / 1024);
  }
}

/** @returns {string[]} the table's lines */
export function tableLines(processes, memory = memoryOf) {
  const rows = processes.map((one) => {
    const megabytes = one.state === 'given up' || one.state === 'stopped' ? undefined : memory(one.pid);
    return [one.name, one.pid ?? '-', one.state, one.restarts, megabytes ? `${megabytes} MB` : '-'].map(String);
  });
  const widths = HEADS.map((head, column) => Math.max(head.length, ...rows.map((row) => row[column].length)));
  return [HEADS, ...rows].map((row) =>
    `  ${row.map((cell, column) => cell.padEnd(widths[column])).join('  ')}`.trimEnd(),
  );
}

/**
 * @param {{ out?: NodeJS.WriteStream, processes: () => object[] }} options
 * @returns {{ say(text: string): void, write(chunk: Buffer | string): void, changed(one: object): void, close(): void, live: boolean }}
 *   `write` takes the output of the processes, above the table
 */
export function createScreen({ out = process.stdout, processes }) {
  if (!out.isTTY) {
    const say = (text) => out.write(`  ${text}\n`);
    const changed = ({ name, state, pid, restarts }) =>
      say(
        `${name.padEnd(14)} ${state}${pid && state !== 'waiting' ? ` (process ${pid})` : ''}${restarts ? `, restarts: ${restarts}` : ''}`,
      );
    return { live: false, say, write: (chunk) => out.write(chunk), changed, close: () => {} };
  }
  let drawn = 0;
  const erase = () => {
    if (drawn > 0) out.write(`\u001b[${drawn}A\u001b[0J`);
    drawn = 0;
  };
  const draw = () => {
    const lines = tableLines(processes()).map((line) => line.slice(0, Math.max(20, (out.columns ?? 80) - 1)));
    erase();
    out.write(`${lines.join('\n')}\n`);
    drawn = lines.length;
  };
  const timer = setInterval(() => processes().length > 0 && draw(), 1_000);
  timer.unref();
  const write = (chunk) => {
    erase();
    const text = String(chunk);
    out.write(text.endsWith('\n') ? text : `${text}\n`);
    if (processes().length > 0) draw();
  };
  return {
    live: true,
    say: (text) => write(`  ${text}\n`),
    write,
    changed: () => processes().length > 0 && draw(),
    close: () => clearInterval(timer),
  };
}
