// npm run test:faults [-- <family>…]: every fault in full, family by family, and at the end a table of what was injected
// and what held. `npm test` runs a smoke cut of the same files.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { allFamilies } from './faults/families.mjs';
import { tableOf } from './faults/table.mjs';

const root = path.resolve(import.meta.dirname, '..');
const asked = process.argv.slice(2).filter((arg) => !arg.startsWith('-'));
const options = process.argv.slice(2).filter((arg) => arg.startsWith('-'));
const families = allFamilies(root).filter(({ name }) => asked.length === 0 || asked.includes(name));
const unknown = asked.filter((name) => !families.some((family) => family.name === name));
if (unknown.length > 0) {
  const names = allFamilies(root).map(({ name }) => name);
  console.error(`No family ${unknown.join(', ')}; there are: ${names.join(', ')}`);
  process.exit(1);
}

const SIGN_OF_LIFE_MS = 60_000;
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-faults-'));
const results = [];
for (const [index, family] of families.entries()) {
  console.log(`\n[${index + 1}/${families.length}] ${family.name}: ${family.what}`);
  results.push(await run(family));
  console.log(tableOf(results.slice(-1)));
}
fs.rmSync(folder, { recursive: true, force: true });
console.log(`\n${'='.repeat(80)}\nWhat was injected, and what held\n${tableOf(results)}`);
process.exit(results.every(({ red }) => !red) ? 0 : 1);

async function run({ name, steps }) {
  const began = performance.now();
  const minutes = () => ((performance.now() - began) / 60_000).toFixed(1);
  const alive = setInterval(() => console.log(`  … ${name}: ${minutes()} min so far`), SIGN_OF_LIFE_MS);
  const report = path.join(folder, `${name}.jsonl`);
  const tests = { injected: 0, held: 0, skipped: 0 };
  let red = false;
  for (const [index, step] of steps.entries()) {
    const outcome = path.join(folder, `${name}-${index}.json`);
    const code = await ended(step.args({ outcome, options }), { FAULTS: 'full', FAULT_REPORT: report });
    red ||= code !== 0;
    const counted = step.count(outcome, code);
    for (const key of Object.keys(tests)) tests[key] += counted[key];
  }
  clearInterval(alive);
  const lines = fs.existsSync(report) ? fs.readFileSync(report, 'utf8').trim().split('\n') : [];
  return { name, red, minutes: minutes(), ...tests, lines: lines.filter(Boolean).map((line) => JSON.parse(line)) };
}

function ended(args, env) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, stdio: 'inherit', env: { ...process.env, ...env } });
    child.once('error', reject).once('exit', (code) => resolve(code ?? 1));
  });
}
