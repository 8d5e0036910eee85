import fs from 'node:fs';
import path from 'node:path';
import { birthOf, endProcess, isAlive } from './running.mjs';
import { until } from './wait.mjs';

const fileOf = (dataDir) => path.join(dataDir, 'processes.json');

/** Notes who was started on this data, for the launcher that comes after a crash. */
export function noteProcesses(dataDir, apps) {
  fs.writeFileSync(fileOf(dataDir), JSON.stringify(apps.map(({ name, pid }) => ({ name, pid, birth: birthOf(pid) }))));
}

/** After a launcher was killed its apps end by themselves; give them the time they need, then insist. */
export async function awaitLeftovers(dataDir, log) {
  const left = readProcesses(dataDir).filter(
    ({ pid, birth }) => isAlive(pid) && birth !== '' && birthOf(pid) === birth, // an id alone may be somebody else's by now
  );
  if (left.length === 0) return;
  log(`waiting for ${left.map(({ name }) => name).join(', ')} of an earlier launcher to end`);
  await until(() => left.every(({ pid }) => !isAlive(pid)), { withinMs: 15_000 });
  for (const { pid } of left.filter((one) => isAlive(one.pid))) await endProcess(pid, { withinMs: 5_000 });
}

function readProcesses(dataDir) {
  try {
    return JSON.parse(fs.readFileSync(fileOf(dataDir), 'utf8'));
  } catch {
    return [];
  }
}
