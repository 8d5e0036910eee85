// npm test: every check and every test, side by side: tests wait a lot, and checks take what they leave. Both run even when one
// is red, so that one run tells everything; what the checks say stands at the end.
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';

const root = path.resolve(import.meta.dirname, '..');
const reports = ['--report-on-signal', '--report-filename=stderr', '--report-compact', '--report-exclude-env']; // of what hangs
const vm = ['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'];
const jest = [...vm, ...reports, 'node_modules/jest/bin/jest.js'];

const start = (args, output) => spawn(process.execPath, args, { cwd: root, stdio: ['inherit', output, output] });
const ended = (child) =>
  new Promise((resolve, reject) => {
    child.once('error', reject).once('close', (code) => resolve(code ?? 1));
  });

// A fresh machine gets its nats-server while the build is made: jest's global setup waits for this process.
const installing = start(['scripts/topology/install-nats.mjs'], 'ignore');
process.env.NATS_INSTALLER_PID = String(installing.pid);

const checking = start(['scripts/check.mjs'], 'pipe');
os.setPriority(checking.pid, os.constants.priority.PRIORITY_BELOW_NORMAL);
let said = '';
for (const stream of [checking.stdout, checking.stderr])
  stream.setEncoding('utf8').on('data', (text) => (said += text));
const checked = ended(checking);

const tests = await ended(start([...jest, ...process.argv.slice(2)], 'inherit'));
const checks = await checked;
console.log(`\nnpm run check:\n${said.trimEnd()}`);
process.exit(checks || tests);
