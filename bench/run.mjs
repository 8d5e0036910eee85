// npm run bench -- [name…] [--rounds N] [--quick] [--profile] [--minutes N] [--messages N]: Holdfast against its peers, in the same rounds.
// Fails when something written was lost, doubled or refused; never because of a time.
import { parseArgs } from 'node:util';
import { build } from '../scripts/build.mjs';
import { benches } from './benches.mjs';
import { Arena, profileFolder } from './harness/arena.mjs';
import { installPeers } from './harness/peers.mjs';
import { pins } from './harness/processors.mjs';
import { surroundings, table, writeResult } from './harness/report.mjs';

const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 24 || (major === 24 && minor < 9)) {
  console.error(
    `This is Node ${process.version}: run it as \`npm run bench\`, which brings the Node of this repository.`,
  );
  process.exit(2);
}
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string' },
    minutes: { type: 'string' },
    messages: { type: 'string' },
    quick: { type: 'boolean' },
    profile: { type: 'boolean' },
  },
});
const began = performance.now();
const say = (line) => console.log(`  ${((performance.now() - began) / 1_000).toFixed(0).padStart(4)} s  ${line}`);

const unknown = positionals.filter((name) => !(name in benches));
const isWrong = (value, least) => value !== undefined && !(Number(value) >= least);
if (
  unknown.length > 0 ||
  isWrong(values.rounds, 1) ||
  isWrong(values.minutes, 0.1) ||
  isWrong(values.messages, 10_000)
) {
  console.error(
    `Usage: npm run bench -- [${Object.keys(benches).join(' | ')}]… [--rounds N] [--quick] [--profile] [--minutes N] [--messages N]`,
  );
  process.exit(2);
}

const quick = values.quick ?? false;
const rounds = Number(values.rounds ?? (quick ? 3 : 9));
const given = (value) => (value === undefined ? undefined : Number(value));
const [minutes, messages] = [given(values.minutes), given(values.messages)];
const options = {
  quick,
  rounds,
  minutes,
  messages,
  attempts: quick ? rounds : 3 * rounds,
  windowMs: quick ? 500 : 1_000,
};
const startedAt = new Date().toISOString();
const before = surroundings();

const { compiled } = await build();
say(`build: ${compiled === 0 ? 'up to date' : `${compiled} files compiled`}`);
installPeers(say);
if (!pins) say('no taskset or only one core: nothing is pinned, the figures scatter more');

const arena = new Arena({ options, profiles: values.profile ? profileFolder : undefined, say });
let interrupted = false;
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    interrupted = true;
    void arena.close().finally(() => process.exit(130));
  });
}
try {
  await arena.start();
  for (const name of positionals.length > 0 ? positionals : Object.keys(benches)) {
    say(`── ${name}`);
    try {
      await (await benches[name]()).run(arena);
    } catch (error) {
      if (interrupted) break;
      arena.violations.push(`${name} did not end: ${error.message}`);
      console.error(error);
    } finally {
      await arena.clear();
    }
  }
} finally {
  await arena.close();
}
if (interrupted) process.exit(130);

const { bars, figures, violations, notices } = arena;
const file = writeResult({ startedAt, options, surroundings: before, bars, figures, violations, notices });
const { node, cpu, commit, changed } = before;
console.log(`\n${table(bars)}\n`);
for (const notice of notices) console.log(`  ${notice}`);
const disturbed = Object.entries(figures).filter(([, figure]) => figure.disturbed > 0);
for (const [name, figure] of disturbed)
  console.log(`  ${name}: ${figure.disturbed} rounds were disturbed by others on this machine`);
console.log(
  `  ${rounds} rounds${quick ? ' (quick: a smoke test, not a measurement)' : ''}, Node ${node}, ${cpu}, commit ${commit}${changed ? ' with changes' : ''}`,
);
console.log(`  All figures: ${file}`);
for (const violation of violations) console.error(`\n  WRONG  ${violation}`);
process.exit(violations.length > 0 ? 1 : 0);
