// npm test: every check and every test. Both run even when the first is red, so that one run tells everything.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const run = (...args) => spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' }).status ?? 1;

const checks = run('scripts/check.mjs');
const tests = run(
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  ...process.argv.slice(2),
);
if (checks !== 0) console.error('\nnpm run check failed; see the top of this output.');
process.exit(checks || tests);
