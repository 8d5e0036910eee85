import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const results = path.resolve(import.meta.dirname, '../results');

/** Writes one JSON per run and gives its path. */
export function writeResult(run) {
  fs.mkdirSync(results, { recursive: true });
  const file = path.join(results, `${run.startedAt.replaceAll(/[:.]/g, '-')}.json`);
  fs.writeFileSync(file, `${JSON.stringify(run, undefined, 2)}\n`);
  return path.relative(process.cwd(), file);
}

/** Where a figure was taken: without it, it says nothing. */
export function surroundings() {
  const git = (...args) => spawnSync('git', args, { encoding: 'utf8', cwd: import.meta.dirname }).stdout?.trim();
  return {
    node: process.version,
    cpu: `${os.cpus().length} × ${os.cpus()[0]?.model.trim()}`,
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: `${os.type()} ${os.release()}`,
    load: os.loadavg().map((value) => Number(value.toFixed(1))),
    commit: git('rev-parse', '--short', 'HEAD'),
    changed: Boolean(git('status', '--porcelain')),
  };
}

/** The table for people. What falls short says below its line what stands in the way. */
export function table(bars) {
  const head = ['bar', 'what', 'goal', 'reached', 'min – max', 'trips', ''];
  const rows = bars.map(({ id, what, goal, reached, roundTrips, met, unit = 'x' }) => [
    id,
    what,
    goal.text && `${goal.text}${unit}`,
    `${number(reached.median)}${unit}`,
    reached.min === undefined ? '' : `${number(reached.min)} – ${number(reached.max)}`,
    roundTrips === undefined ? '' : roundTrips.toFixed(roundTrips < 0.1 ? 4 : 2),
    met === undefined ? '' : met ? 'met' : 'short',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...rows.map((row) => row[column].length)));
  const line = (cells) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]))
      .join('  ')
      .trimEnd();
  const lines = [line(head), line(widths.map((width) => '─'.repeat(width)))];
  bars.forEach(({ met, note }, index) => {
    lines.push(line(rows[index]));
    if (met === false && note && note !== bars[index + 1]?.note) lines.push(`${' '.repeat(widths[0] + 2)}└ ${note}`);
  });
  return lines.join('\n');
}

function number(value) {
  if (value === 0) return '0';
  if (Math.abs(value) < 0.1) return value.toFixed(4);
  return Math.abs(value) < 100 ? value.toFixed(2) : String(Math.round(value));
}
