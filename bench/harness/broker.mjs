// The bench's own nats-server with JetStream on disk, pinned to the core of the servers.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { accepts, freePort } from '../../scripts/launch/ports.mjs';
import { findNats } from '../../scripts/topology/nats.mjs';
import { DATABASE_CORE, cpuOf, onCore } from './processors.mjs';

const store = path.resolve(import.meta.dirname, '../.data/nats');

export async function startBroker({ say }) {
  fs.rmSync(store, { recursive: true, force: true });
  fs.mkdirSync(store, { recursive: true });
  const port = await freePort();
  const place = ['-a', '127.0.0.1', '-p', String(port), '-js', '-sd', store];
  const [command, args] = onCore(DATABASE_CORE, findNats(say), place);
  const child = spawn(command, args, { stdio: 'ignore' });
  for (let turn = 0; !(await accepts(port)); turn++) {
    if (child.exitCode !== null || turn > 500) throw new Error('nats-server did not start');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return {
    url: `nats://127.0.0.1:${port}`,
    cpuUs: () => cpuOf(child.pid),
    async stop() {
      child.kill('SIGTERM');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
      fs.rmSync(store, { recursive: true, force: true });
    },
  };
}
