// nginx with one worker: as what stands behind every gateway, answering by itself, and as the gateway to compare with.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { accepts, freePort } from '../../scripts/launch/ports.mjs';
import { onCore } from '../harness/processors.mjs';

const PLACES = ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/usr/bin', '/opt/homebrew/bin'];

/** The program, or undefined when it is not on this machine. */
export function findNginx() {
  return [...(process.env.PATH ?? '').split(path.delimiter), ...PLACES]
    .filter(Boolean)
    .map((folder) => path.join(folder, 'nginx'))
    .find((file) => fs.existsSync(file) && spawnSync(file, ['-v']).status === 0);
}

/**
 * @param {string} options.folder for its configuration and process id
 * @param {number} options.core
 * @param {(port: number) => string} options.servers the inside of `http { … }`
 */
export async function startNginx({ folder, core, servers }) {
  fs.mkdirSync(folder, { recursive: true });
  const port = await freePort();
  const file = path.join(folder, 'nginx.conf');
  fs.writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${folder}/pid; error_log ${folder}/error.log;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 100000000; client_body_temp_path ${folder}/body; proxy_temp_path ${folder}/proxy;
fastcgi_temp_path ${folder}/f; uwsgi_temp_path ${folder}/u; scgi_temp_path ${folder}/s;
${servers(port)} }\n`,
  );
  const [command, args] = onCore(core, findNginx(), ['-p', folder, '-c', file]);
  const child = spawn(command, args, { stdio: 'ignore' });
  for (let turn = 0; !(await accepts(port)); turn++) {
    if (child.exitCode !== null || turn > 500) throw new Error(`nginx did not start: see ${folder}/error.log`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    port,
    pid: child.pid,
    async stop() {
      const ended = child.exitCode === null && once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
