import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { CLIENT_CORE, onCore } from './processors.mjs';

const worker = path.join(import.meta.dirname, 'worker.mjs');
const bench = path.resolve(import.meta.dirname, '..');

/**
 * Starts a contestant in a process of its own. Its module exports `start(settings)`, which gives an object with
 * `window({ ms, … })`, `close()` and whatever else its bench asks for; `pg` there lets round trips be counted.
 *
 * @param {string} options.module path below bench/
 * @param {object} [options.settings] JSON
 * @param {number} [options.core] default the clients' core
 * @param {string} [options.profiles] folder for a CPU profile of its windows; none when undefined
 */
export async function startContestant({ module, settings = {}, core = CLIENT_CORE, profiles }) {
  const profile = profiles && path.join(profiles, `${module.replace(/\W+/g, '-')}-${Date.now()}.cpuprofile`);
  const file = path.join(bench, module);
  const args = ['--enable-source-maps', worker, file, JSON.stringify(settings), ...(profile ? [profile] : [])];
  const [command, list] = onCore(core, process.execPath, args);
  const child = spawn(command, list, { cwd: bench, stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const pending = new Map();
  let lastId = 0;

  const answered = (id) => new Promise((resolve, reject) => pending.set(id, { resolve, reject }));
  child.on('message', ({ id, answer, failure }) => {
    const { resolve, reject } = pending.get(id);
    pending.delete(id);
    if (failure === undefined) resolve(answer);
    else reject(new Error(`${module}: ${failure}`));
  });
  const exited = once(child, 'exit').then(([code]) => {
    for (const { reject } of pending.values()) reject(new Error(`${module} ended with exit code ${code}`));
  });
  const call = (method, argument) => {
    const answer = answered(++lastId);
    child.send({ id: lastId, method, argument });
    return answer;
  };
  await answered(0);
  return {
    pid: child.pid,
    call,
    async stop() {
      if (child.exitCode === null && child.connected) await call('close').catch(() => undefined);
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await exited;
      clearTimeout(patience);
    },
  };
}
