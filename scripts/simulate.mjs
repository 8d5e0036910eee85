// npm run simulate -- [--seeds 10000] [--from 1] [--trace] [--bug "<what is planted>"]
// Histories of outbox, conveyor, inbox and saga under a virtual clock; see libs/data-consistency/simulation.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { registerHooks } from 'node:module';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { transformSync } from '@swc/core';
import { swcOptions } from './build.mjs';

const root = path.resolve(import.meta.dirname, '..');
const { paths } = JSON.parse(fs.readFileSync(path.join(root, 'tsconfig.json'), 'utf8')).compilerOptions;

// The simulation is test code, which dist/ does not have: compile what is imported as it is imported.
registerHooks({
  resolve(specifier, context, next) {
    const alias = paths[specifier]?.[0];
    if (alias) return { url: pathToFileURL(path.join(root, alias)).href, shortCircuit: true };
    if (specifier.startsWith('.') && context.parentURL?.endsWith('.ts'))
      return next(specifier.replace(/\.js$/, '.ts'), context);
    return next(specifier, context);
  },
  load(url, context, next) {
    if (!url.endsWith('.ts')) return next(url, context);
    const filename = fileURLToPath(url);
    const options = { ...swcOptions, module: { type: 'es6' }, sourceMaps: 'inline', filename };
    const { code } = transformSync(fs.readFileSync(filename, 'utf8'), options);
    return { format: 'module', source: code, shortCircuit: true };
  },
});

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    from: { type: 'string', default: '1' },
    trace: { type: 'boolean', default: false },
    bug: { type: 'string' },
  },
});
const from = Number(values.from);
const seeds = Number(values.seeds ?? (values.trace ? 1 : 10_000));
const REPLAY_EVERY = 50;
const PROGRESS_MS = 5_000;

const { simulate } = await import('../libs/data-consistency/simulation/simulation.fixture.ts');
const commit = commitHere();
const started = performance.now();
const faults = {};
let [lastWord, steps, virtualMs, failed] = [started, 0, 0, 0];

/** For whoever replays a seed; a copy without git has none. */
function commitHere() {
  const { stdout } = spawnSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: root, encoding: 'utf8' });
  return stdout?.trim() || 'an unknown commit';
}

const speed = (count) => `${((count * 1_000) / (performance.now() - started)).toFixed(0)} seeds/s`;

for (let seed = from; seed < from + seeds; seed++) {
  const result = await simulate(seed, values.bug);
  if (values.trace) console.log(result.trace.join('\n'));
  const replayed = (seed - from) % REPLAY_EVERY === 0 ? await simulate(seed, values.bug) : result;
  if (replayed.hash !== result.hash) result.complaints.push(`its replay was another history: ${replayed.hash}`);
  if (result.complaints.length > 0) {
    failed += 1;
    console.error(`Seed ${seed} at ${commit}, history ${result.hash}:\n  ${result.complaints.join('\n  ')}`);
    if (!values.trace) console.error(`The end of it (all: npm run simulate -- --from ${seed} --trace):`);
    if (!values.trace) console.error(result.trace.slice(-40).join('\n'));
    break;
  }
  steps += result.trace.length;
  virtualMs += result.virtualMs;
  for (const [kind, count] of Object.entries(result.faults)) faults[kind] = (faults[kind] ?? 0) + count;
  if (performance.now() - lastWord > PROGRESS_MS) {
    lastWord = performance.now();
    console.log(`${seed - from + 1} of ${seeds}, ${speed(seed - from + 1)}`);
  }
}

const struck = Object.entries(faults).map(([kind, count]) => `${kind} ×${count}`);
if (failed === 0) {
  console.log(
    `${seeds} histories from seed ${from} at ${commit}: nothing lost, doubled or out of order, every saga at an end.\n` +
      `${steps} steps, ${(virtualMs / 3_600_000).toFixed(1)} virtual hours, ${speed(seeds)}. Faults: ${struck.join(', ')}.`,
  );
}
if (process.env.FAULT_REPORT) {
  const held = failed === 0 ? 'nothing lost, doubled or out of order; every saga at an end' : 'NOT HELD';
  const line = { title: 'Simulation', injected: `${seeds} histories: ${struck.join(', ')}`, held };
  fs.appendFileSync(process.env.FAULT_REPORT, `${JSON.stringify(line)}\n`);
}
process.exitCode = failed === 0 ? 0 : 1;
