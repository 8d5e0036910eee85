import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { endProcess } from './running.mjs';

export const root = path.resolve(import.meta.dirname, '../..');

/** What V8 has compiled is kept from one start to the next: a quarter of the work of a start. */
export const COMPILED = { NODE_COMPILE_CACHE: path.join(root, 'node_modules', '.cache', 'holdfast', 'compiled') };

/** Packages come bundled, which halves a start. A debugger finds them as they are. */
export const BUNDLED = ['--import', pathToFileURL(path.join(root, 'scripts/packages/use-packages.mjs')).href];

/** As a shell says it. */
const NOT_STARTED = 127;

/**
 * Starts one built app as a child of this process. It has an IPC channel and ends by itself when that closes, so
 * that not even `kill -9` of the launcher leaves it behind.
 *
 * @param {object} options
 * @param {string} options.name folder below apps/
 * @param {string} [options.entry] default 'main'
 * @param {string[]} [options.args]
 * @param {Record<string, string>} [options.env] on top of this process's environment
 * @param {boolean} [options.alone] without this process's environment: `env` is all that it is told of the shop
 * @param {string[]} [options.nodeArgs] such as --inspect
 * @param {string[]} [options.within] a command that becomes the app, such as `ip netns exec <name>`
 * @param {'inherit' | 'pipe' | 'ignore' | number} [options.output] where stdout and stderr go; default 'inherit'
 * @param {(chunk: Buffer) => void} [options.written] takes what it writes, when output is 'pipe'; its end is heard of after that
 * @param {boolean} [options.interactive] keep the terminal's stdin and signals (a REPL)
 * @returns {{ name: string, pid: number, child: import('node:child_process').ChildProcess,
 *   exited: Promise<number>, stop(withinMs?: number): Promise<number>, kill(): void }}
 *   exited: the exit code, 128 + signal when a signal ended it, 127 when it could not be started
 */
export function startApp({
  name,
  entry = 'main',
  args = [],
  env = {},
  alone,
  nodeArgs = [],
  within = [],
  output = 'inherit',
  written,
  interactive,
}) {
  const file = path.join('dist', 'apps', name, `${entry}.js`);
  if (!fs.existsSync(path.join(root, file))) throw new Error(`${file} is missing. Run \`npm run build\` first.`);
  const how = [...(nodeArgs.includes('--inspect') ? [] : BUNDLED), '--enable-source-maps', ...nodeArgs];
  const [program, ...rest] = [...within, process.execPath, ...how, file, ...args];
  const child = spawn(program, rest, {
    cwd: root,
    env: { ...COMPILED, ...(!alone && process.env), ...env },
    stdio: [interactive ? 'inherit' : 'ignore', output, output, 'ipc'],
    detached: !interactive, // Ctrl-C in a terminal is for the launcher, which stops its children in order
  });
  child.on('error', () => {}); // also of a message to one that is gone
  child.channel?.unref();
  if (written) for (const stream of [child.stdout, child.stderr]) stream?.on('data', written);
  const exited = new Promise((resolve) => {
    child.once('error', (error) => {
      if (child.pid !== undefined) return;
      const text = `${name} could not be started: ${error.message}\n`;
      if (written) written(Buffer.from(text));
      else process.stderr.write(text);
      resolve(NOT_STARTED);
    });
    child.once(written ? 'close' : 'exit', (code, signal) =>
      resolve(code ?? 128 + (os.constants.signals[signal] ?? 0)),
    );
  });
  return {
    name,
    pid: child.pid,
    child,
    exited,
    kill: () => child.kill('SIGKILL'),
    async stop(withinMs = 25_000) {
      if (child.exitCode === null && child.signalCode === null) await endProcess(child.pid, { withinMs });
      return exited;
    },
  };
}

/** 128 + SIGTERM: told to stop before it had learnt to drain. */
const TERMINATED = 143;

/**
 * Stops an app, and never throws: whoever stops one has others to stop.
 * @param {string} name
 * @param {{ exited: Promise<number>, stop(withinMs?: number): Promise<number> }} app
 * @param {number} [withinMs]
 * @returns {Promise<string[]>} what is to be said of it: nothing of one that ended as it should, or had ended before
 */
export async function stopAndTell(name, app, withinMs) {
  const before = await Promise.race([app.exited, undefined]);
  try {
    const code = await app.stop(withinMs);
    if (before !== undefined || code === 0 || code === TERMINATED) return [];
    return [`${name} ended with code ${code} while stopping`];
  } catch (error) {
    return [`${name}: ${error.message}`];
  }
}
