// Installs what the lockfile names, once per lockfile. Runs under whatever Node started npm (20 or later);
// everything after it runs on the Node that npm just installed (node_modules/.bin/node).
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const mark = join(root, 'node_modules', '.holdfast-setup');

function fail(...lines) {
  for (const line of lines) console.error(line);
  process.exit(1);
}

if (Number(process.versions.node.split('.')[0]) < 20) {
  fail(`Holdfast needs Node 20 or later to install itself; this is ${process.version}. See https://nodejs.org/`);
}

/** Whether `npm install` or an earlier `npm ci` left exactly what the lockfile names (npm notes that at its very end). */
function isInstalled() {
  try {
    const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8')).packages;
    const installed = read('node_modules/.package-lock.json');
    return Object.entries(read('package-lock.json')).every(
      ([name, wanted]) => name === '' || wanted.optional || installed[name]?.integrity === wanted.integrity,
    );
  } catch {
    return false;
  }
}

const lockfile = createHash('sha256')
  .update(readFileSync(join(root, 'package-lock.json')))
  .digest('hex');

const upToDate = existsSync(mark) && readFileSync(mark, 'utf8') === lockfile;
if (!upToDate && !isInstalled()) {
  console.log('Installing packages (once per lockfile) …');
  const npm = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (npm.status !== 0) {
    fail(
      '',
      `npm ci failed (${npm.error?.message ?? `exit code ${npm.status}`}). Usual causes and their mend:`,
      '  - no way to the npm registry: check the network, HTTPS_PROXY and `npm config get registry`, then run the command again',
      '  - package.json and package-lock.json disagree: run `npm install` and commit the lockfile',
      '  - a full disk: node_modules takes about 700 MB',
    );
  }
}
if (!upToDate) writeFileSync(mark, lockfile);

// Platforms without a packaged Node (Alpine) run on the one that is there, which must then be recent enough: before 24.16 and 26.1
// Node tells nobody of the end of requests that were pipelined behind another one (measured), and their places stay taken.
const [major, minor] = process.versions.node.split('.').map(Number);
const packaged = ['node', 'node.cmd'].some((name) => existsSync(join(root, 'node_modules', '.bin', name)));
const recent = (major === 24 && minor >= 16) || (major === 26 && minor >= 1) || major > 26;
if (!packaged && !recent) {
  fail(
    `There is no packaged Node for ${process.platform}-${process.arch}: install Node 24.16, 26.1 or later (this is ${process.version}).`,
  );
}
