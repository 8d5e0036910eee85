// PostgreSQL for this machine, without Docker and without root: the server that npm shipped, else Debian's.
// Durable unless a test says otherwise.
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort, isPortFree } from './launch/ports.mjs';
import { endProcess } from './launch/running.mjs';
import { until } from './launch/wait.mjs';
import { findServer } from './postgres/binaries.mjs';
import { prepareCluster, readPostmaster, stopOrphan } from './postgres/cluster.mjs';

// Wakes when our end of its pipe closes, which is when this process is gone, however it went. It lets the clients
// finish for 20 s, then stops the server in good order.
const guardian = `
  read -r _
  kill -TERM "$1" 2>/dev/null || exit 0
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    sleep 1; kill -0 "$1" 2>/dev/null || exit 0
  done
  kill -INT "$1"`;

/**
 * Starts PostgreSQL on `<dataDir>/postgres`, creating it on first use. Whoever calls this must be the only one
 * to use that folder (see launch/lock.mjs): a server that a killed launcher left there is stopped first.
 *
 * @param {object} options
 * @param {string} options.dataDir also gets secrets/postgres (password, 0600), postgres.log and postgres.port
 * @param {number} [options.port] default: the one used last time when free, else any free one
 * @param {boolean} [options.fsync] default true; false is for tests only, a power cut then loses everything
 * @param {Record<string, string>} [options.settings] further `postgres -c` settings
 * @param {(text: string) => void} [options.log] told about restarts
 * @returns {Promise<{ url: string, port: number, pid: number, stop(): Promise<void> }>} url is the superuser's.
 *   A server that dies by itself is started again on the same port.
 * @throws {Error} with a message that says what to do
 */
export async function startPostgres({ dataDir, port, fsync = true, settings = {}, log = () => {} }) {
  const folder = path.join(path.resolve(dataDir), 'postgres');
  const portFile = path.join(dataDir, 'postgres.port');
  fs.mkdirSync(dataDir, { recursive: true });
  const found = await stopOrphan(folder);
  if (found === 'stopped') log('stopped a PostgreSQL server that an earlier launcher had left behind');
  const server = findServer(folder);
  const passwordFile = path.join(dataDir, 'secrets', 'postgres');
  const password = prepareCluster({ folder, passwordFile, server, durable: fsync });

  let child;
  let chosen;
  for (let attempt = 1; ; attempt++) {
    chosen = port ?? (await portOfLastTime(portFile)) ?? (await freePort());
    try {
      child = await launch({ dataDir, folder, server, port: chosen, fsync, settings });
      break;
    } catch (error) {
      if (attempt === 3 || port !== undefined) throw error;
    }
  }
  fs.writeFileSync(portFile, String(chosen));

  const over = new AbortController();
  let stopping;
  let reviving;
  const revive = async (reason, attempt = 1) => {
    if (stopping) return;
    if (attempt > 5) return log(`PostgreSQL is given up; see ${path.join(dataDir, 'postgres.log')}`);
    log(`PostgreSQL ended by itself (${reason}); starting it again, attempt ${attempt}`);
    try {
      await stopOrphan(folder);
      if (stopping) return;
      // Ours from its first moment, so that a stop ends it also while it recovers.
      const spawned = (one) => (child = one);
      await launch({ dataDir, folder, server, port: chosen, fsync, settings, again: true, spawned });
      supervise();
    } catch (error) {
      if (stopping) return;
      log(error.message);
      await pause(200 * 2 ** attempt, undefined, { signal: over.signal }).catch(() => {});
      await revive(reason, attempt + 1);
    }
  };
  const supervise = () =>
    child.once('exit', (code, signal) => {
      reviving = revive(signal ?? `exit code ${code}`);
    });
  supervise();

  const stop = async () => {
    over.abort();
    await end(child);
    await reviving;
  };
  return {
    url: `postgres://postgres:${password}@127.0.0.1:${chosen}/postgres`,
    port: chosen,
    get pid() {
      return child.pid;
    },
    stop: () => (stopping ??= stop()),
  };
}

async function portOfLastTime(portFile) {
  try {
    const port = Number(fs.readFileSync(portFile, 'utf8'));
    return port > 0 && (await isPortFree(port)) ? port : undefined;
  } catch {
    return undefined;
  }
}

/** For tests, whose many databases soon go again. */
const IN_HASTE = { autovacuum_naptime: '5min', fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' };

async function launch({ dataDir, folder, server, port, fsync, settings, again = false, spawned }) {
  const all = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: '300',
    wal_level: 'logical',
    ...(!fsync && IN_HASTE),
    ...settings,
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [program, args] = server.wrap(path.join(server.bin, 'postgres'), ['-D', folder, '-p', String(port), ...flags]);
  const logFile = path.join(dataDir, 'postgres.log');
  const output = fs.openSync(logFile, again ? 'a' : 'w', 0o600); // the last words of one that died stay
  const child = spawn(program, args, {
    ...server.ids,
    env: { ...process.env, LC_ALL: 'C', TZ: 'UTC' },
    cwd: '/',
    stdio: ['ignore', output, output],
    detached: true, // Ctrl-C in a terminal is for the launcher, which stops its children in order
  });
  fs.closeSync(output);
  if (child.pid !== undefined) guard(child, server); // at once: this process may be killed at any moment
  spawned?.(child);

  let ended;
  child.once('exit', (code, signal) => (ended = signal ?? `exit code ${code}`));
  child.once('error', (error) => (ended = error.message));
  const ready = () => ended ?? (readPostmaster(folder)?.pid === child.pid && readPostmaster(folder).ready);
  const outcome = await until(ready, { withinMs: 60_000, everyMs: 10 });
  if (outcome === true) return child;
  if (!ended) await endProcess(child.pid, { signal: 'SIGINT' });
  throw new Error(
    `PostgreSQL did not start (${ended ?? 'not ready within 60 s'}). It said:\n${fs.readFileSync(logFile, 'utf8')}`,
  );
}

function guard(child, server) {
  if (process.platform === 'win32') return;
  const [program, args] = ['/bin/sh', ['-c', guardian, 'holdfast-postgres-guardian', String(child.pid)]];
  const watcher = spawn(program, args, {
    ...server.ids,
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  watcher.on('error', () => {});
  watcher.stdin.on('error', () => {});
  child.once('exit', () => watcher.kill('SIGKILL'));
  watcher.unref();
}

async function end(child) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await endProcess(child.pid, { signal: 'SIGINT', withinMs: 20_000 });
}
