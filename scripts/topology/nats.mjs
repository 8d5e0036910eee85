// A real nats-server for this machine: the one on PATH, else Debian's. JetStream keeps its store below DATA_DIR/nats, it
// listens on 127.0.0.1 only, over TLS, and knows every process by its key and keeps each to its own subjects.
import { spawn, spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { root } from '../launch/app.mjs';
import { installPackage } from '../launch/debian.mjs';
import { accepts, freePort, isPortFree } from '../launch/ports.mjs';
import { commandOf, endProcess, isAlive } from '../launch/running.mjs';
import { supervise } from './supervise.mjs';

const OLDEST = [2, 9];
const PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];
const PROGRAM = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

// Wakes when our end of its pipe closes, which is when this process is gone, however it went; the contexts get a while.
const guardian = 'read -r _; sleep 20; kill -TERM "$1" 2>/dev/null';

const onPath = () =>
  [...(process.env.PATH ?? '').split(path.delimiter), ...PLACES]
    .filter(Boolean)
    .map((folder) => path.join(folder, PROGRAM))
    .find((file) => fs.existsSync(file));

/** @throws {Error} that says what to install */
export function findNats(log = () => {}) {
  if (!onPath()) installPackage('nats-server', log);
  const found = onPath();
  if (!found) {
    throw new Error(
      'This topology has more than one process, and no nats-server is here to carry messages between them.\n' +
        'Mend one of: install it (Debian and Ubuntu: apt-get install nats-server; macOS: brew install nats-server;\n' +
        'others: https://github.com/nats-io/nats-server/releases, 2.9 or later, on PATH);\n' +
        'set NATS_URL to a server with JetStream; or run everything in one process: npm start',
    );
  }
  const { stdout = '' } = spawnSync(found, ['--version'], { encoding: 'utf8' });
  const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
  if (Number(major) < OLDEST[0] || (Number(major) === OLDEST[0] && Number(minor) < OLDEST[1]))
    throw new Error(`${found} is ${stdout.trim()}; ${OLDEST.join('.')} or later is needed.`);
  return found;
}

/**
 * Starts nats-server with its store in `<dataDir>/nats`. One that ends by itself is started again on the same port.
 * Whoever calls this is the only one on that folder (launch/lock.mjs).
 *
 * @param {object} options
 * @param {string} options.dataDir
 * @param {object[]} options.users who may log in, as natsUsers makes them
 * @param {object[]} options.manifests of every context there is
 * @param {{ certFile: string, keyFile: string, caFile: string }} options.tls
 * @param {(text: string) => void} [options.log]
 * @returns {Promise<{ url: string, port: number, process: object, reload(): void, stop(): Promise<void>, kill(): void }>}
 *   reload: takes up a renewed certificate
 */
export async function startNats({ dataDir, users, manifests, tls, log = () => {} }) {
  const program = findNats(log);
  const folder = path.join(path.resolve(dataDir), 'nats');
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  await stopOrphan(folder, log);
  const port = await portOfLastTime(folder);
  fs.writeFileSync(path.join(folder, 'port'), String(port));
  const config = await writeConfig(folder, { users, everybody: manifests, tls, listen: `127.0.0.1:${port}` });
  const logFile = path.join(folder, 'server.log');
  let up = false; // asked no more once it is: a connection that says nothing is a fault in its log
  const server = supervise({
    name: 'nats-server',
    launch: () => {
      up = false;
      return launch({ program, folder, config, logFile });
    },
    isReady: async () => (up ||= await accepts(port)),
    log,
  });
  await server.ready.catch((error) => {
    throw new Error(`${error.message} ${logFile} ends with:\n${lastLines(logFile)}`, { cause: error });
  });
  log(`NATS        ready on 127.0.0.1:${port}, data in ${folder}`);
  return {
    url: `tls://127.0.0.1:${port}`,
    port,
    process: server,
    reload: () => isAlive(server.pid) && process.kill(server.pid, 'SIGHUP'),
    stop: async () => void (await server.stop()), // it ends with another code than 0 when it is told to
    kill: () => server.kill(),
  };
}

async function writeConfig(folder, options) {
  const { natsServerConfig } = await import(path.join(root, 'dist/libs/messaging/nats/server-config.js'));
  const file = path.join(folder, 'server.conf');
  fs.writeFileSync(file, natsServerConfig({ ...options, storeDir: folder }), { mode: 0o600 });
  return file;
}

function launch({ program, folder, config, logFile }) {
  const output = fs.openSync(logFile, 'a', 0o600);
  const pidFile = path.join(folder, 'pid');
  const args = ['--config', config, '--pid', pidFile];
  const child = spawn(program, args, { stdio: ['ignore', output, output], detached: true, cwd: folder });
  fs.closeSync(output);
  const exited = new Promise((resolve) => {
    child.once('error', ({ message }) => {
      fs.appendFileSync(logFile, `${message}\n`);
      resolve(127);
    });
    child.once('exit', (code) => resolve(code ?? 128));
  });
  if (child.pid && process.platform !== 'win32') guard(child);
  return {
    pid: child.pid,
    exited,
    kill: () => child.kill('SIGKILL'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) await endProcess(child.pid, { withinMs: 10_000 });
      return exited;
    },
  };
}

const lastLines = (file) => fs.readFileSync(file, 'utf8').trimEnd().split('\n').slice(-10).join('\n');

function guard(child) {
  const args = ['-c', guardian, 'holdfast-nats-guardian', String(child.pid)];
  const watcher = spawn('/bin/sh', args, { cwd: '/', stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  watcher.stdin.on('error', () => {});
  watcher.on('error', () => {});
  child.once('exit', () => watcher.kill('SIGKILL'));
  watcher.unref();
}

/** A launcher that was killed may have left its server running. */
async function stopOrphan(folder, log) {
  const read = (name) =>
    fs.existsSync(path.join(folder, name)) ? fs.readFileSync(path.join(folder, name), 'utf8') : '';
  const pid = Number(read('pid'));
  if (!pid || !isAlive(pid) || !commandOf(pid).includes(folder)) return;
  log('stopping a nats-server that an earlier launcher had left behind');
  await endProcess(pid, { withinMs: 10_000 });
}

async function portOfLastTime(folder) {
  const file = path.join(folder, 'port');
  const port = fs.existsSync(file) ? Number(fs.readFileSync(file, 'utf8')) : 0;
  return port > 0 && (await isPortFree(port)) ? port : freePort();
}
