// npm run test:faults: every fault and crash point in full; `npm test` runs a smoke cut of the same files.
import { spawnSync } from 'node:child_process';
import path from 'node:path';

const jest = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning', 'node_modules/jest/bin/jest.js'];
const args = [...jest, '--selectProjects', 'e2e', '--testPathPatterns', 'test/faults', ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, {
  cwd: path.resolve(import.meta.dirname, '..'),
  stdio: 'inherit',
  env: { ...process.env, FAULTS: 'full' },
});
process.exit(status ?? 1);
