// The files of one cluster: created once, owned by the account that runs the server, protected by a generated password.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { commandOf, endProcess, isAlive } from '../launch/running.mjs';
import { until } from '../launch/wait.mjs';

/**
 * @param {{ folder: string, passwordFile: string, server: object, durable: boolean }} cluster
 * @returns {string} the superuser's password
 */
export function prepareCluster({ folder, passwordFile, server, durable }) {
  const exists = fs.existsSync(path.join(folder, 'PG_VERSION'));
  if (!exists) initialise({ folder, passwordFile, server, durable });
  const version = fs.readFileSync(path.join(folder, 'PG_VERSION'), 'utf8').trim();
  if (version !== server.major) {
    throw new Error(
      `${folder} was written by PostgreSQL ${version}, and the server that runs here is PostgreSQL ${server.major}.\n` +
        'Set DATA_DIR to another folder, or DATABASE_URL to a server of the older version to take the data out.',
    );
  }
  if (exists) own(folder, server);
  return fs.readFileSync(passwordFile, 'utf8').trim();
}

/** Into a draft folder first, so that a launcher killed half-way never leaves half a cluster behind. */
function initialise({ folder, passwordFile, server, durable }) {
  const draft = `${folder}.draft`;
  const passwordDraft = `${folder}.password`;
  const password = randomBytes(24).toString('base64url');
  for (const left of [draft, passwordDraft]) fs.rmSync(left, { recursive: true, force: true });
  if (fs.existsSync(folder) && fs.readdirSync(folder).length > 0) {
    throw new Error(
      `${folder} is not empty and no PostgreSQL cluster: move it away, or set DATA_DIR to another folder.`,
    );
  }
  fs.mkdirSync(draft, { mode: 0o700 });
  fs.writeFileSync(passwordDraft, password, { mode: 0o600 });
  for (const one of [draft, passwordDraft]) own(one, server);

  const security = ['--auth=scram-sha-256', `--pwfile=${passwordDraft}`, '--data-checksums'];
  const flags = ['-D', draft, '-U', 'postgres', '-E', 'UTF8', '--locale=C', ...security];
  // Tests connect thousands of times, and passwords need not resist anybody there. initdb writes it into the configuration.
  const cheap = Number(server.major) >= 16 ? ['-c', 'scram_iterations=1'] : [];
  const [program, args] = server.wrap(
    path.join(server.bin, 'initdb'),
    durable ? flags : [...flags, '--no-sync', ...cheap],
  );
  const env = { ...process.env, LC_ALL: 'C' };
  const initdb = spawnSync(program, args, { ...server.ids, env, encoding: 'utf8', cwd: '/' });
  fs.rmSync(passwordDraft, { force: true });
  if (initdb.status !== 0) throw new Error(`initdb failed: ${initdb.stderr || initdb.error?.message}`);

  fs.mkdirSync(path.dirname(passwordFile), { recursive: true, mode: 0o700 });
  fs.writeFileSync(passwordFile, password, { mode: 0o600 });
  fs.renameSync(draft, folder);
}

function own(entry, { ids }) {
  if (process.getuid?.() !== 0) return;
  const { uid = 0, gid = 0 } = ids;
  if (fs.statSync(entry).uid === uid) return;
  fs.chownSync(entry, uid, gid);
  if (!fs.statSync(entry).isDirectory()) return;
  for (const name of fs.readdirSync(entry, { recursive: true })) fs.lchownSync(path.join(entry, name), uid, gid);
}

/** What postmaster.pid says: the server's process id, its port, and whether it takes connections. */
export function readPostmaster(folder) {
  try {
    const lines = fs.readFileSync(path.join(folder, 'postmaster.pid'), 'utf8').split('\n');
    return { pid: Math.abs(Number(lines[0])), port: Number(lines[3]), ready: lines[7]?.trim() === 'ready' };
  } catch {
    return undefined;
  }
}

/**
 * A launcher that was killed may have left its server running: stop it cleanly. A postmaster.pid whose process
 * is gone, or is something else by now, is removed: the server itself recognises only the first of the two, and that
 * only once somebody has reaped it (a process killed while it was being stopped leaves the file, and is a zombie a while).
 * @returns {Promise<'none' | 'stale' | 'stopped'>} what was found
 */
export async function stopOrphan(folder) {
  const left = readPostmaster(folder);
  if (!left?.pid) return 'none';
  const running = isAlive(left.pid) && isServerOf(left.pid, folder);
  if (running) await endProcess(left.pid, { signal: 'SIGINT', withinMs: 30_000 });
  await backendsGone(folder);
  fs.rmSync(path.join(folder, 'postmaster.pid'), { force: true });
  return running ? 'stopped' : 'stale';
}

function isServerOf(pid, folder) {
  try {
    return fs.realpathSync(`/proc/${pid}/cwd`) === fs.realpathSync(folder); // the server lives in its folder
  } catch {
    const command = commandOf(pid);
    return command.includes('postgres') && command.includes(folder);
  }
}

/** After kill -9 of the server its own children may need a moment to notice; two generations on one cluster corrupt it. */
async function backendsGone(folder) {
  if (process.platform !== 'linux') return;
  const home = fs.realpathSync(folder);
  const left = () =>
    fs.readdirSync('/proc').filter((name) => {
      if (!/^\d+$/.test(name)) return false;
      try {
        return fs.readlinkSync(`/proc/${name}/cwd`) === home && isAlive(Number(name));
      } catch {
        return false;
      }
    });
  if (await until(() => left().length === 0, { withinMs: 10_000 })) return;
  for (const pid of left()) await endProcess(Number(pid), { signal: 'SIGTERM', withinMs: 2_000 });
}
