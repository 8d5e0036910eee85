// How the processes are: a table that stays at the bottom of a terminal, plain lines anywhere else.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { request } from 'undici';

const HEADS = ['process', 'pid', 'state', 'restarts', 'memory', 'lag'];

/**
 * Messages that wait in a process for being carried, fetched or handled, from its `/healthz`.
 * @param {string} url @param {object} [dispatcher] of undici, with the trust it needs
 * @returns {Promise<number | undefined>} undefined when it does not say, or mounts no context
 */
export async function lagAt(url, dispatcher) {
  try {
    const { body } = await request(`${url}/healthz`, { dispatcher, signal: AbortSignal.timeout(1_500) });
    const { details = {} } = await body.json();
    const roads = Object.entries(details).filter(([part, found]) => part.endsWith('.road') && 'outbox' in found);
    if (roads.length === 0) return undefined;
    const streams = Object.values(details.nats?.incoming ?? {}).flatMap((counts) => Object.values(counts));
    const waiting = [...roads.flatMap(([, { outbox, inbox }]) => [outbox, inbox]), ...streams];
    return waiting.filter(Number.isFinite).reduce((sum, count) => sum + count, 0);
  } catch {
    return undefined;
  }
}

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
    const lag = one.state === 'ready' ? (one.lag ?? '-') : '-';
    return [one.name, one.pid ?? '-', one.state, one.restarts, megabytes ? `${megabytes} MB` : '-', lag].map(String);
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
