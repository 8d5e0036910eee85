import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { root, type RunningApp } from '../../scripts/launch/app.mjs';
import { type Elsewhere, type RunningTopology, startTopology } from '../../scripts/topology/start-topology.mjs';
import { Peer } from './peer.js';
import type { Processes } from './shop.js';

/** Every topology that was started here and still runs, by the address of its edge. */
const running = new Map<string, RunningTopology>();

/** The processes behind an edge that `supervised` started. */
export function processesBehind(url: string): RunningTopology {
  const found = running.get(url);
  if (!found) throw new Error(`No supervised topology answers at ${url}`);
  return found;
}

/**
 * Runs the shop by a topology file, supervised as `npm run start:topology` does it, on a database that is prepared.
 *
 * @param elsewhere for processes that do not run as the others do
 */
export function supervised(file: string, prepare: Processes['prepare'], elsewhere?: Elsewhere): Processes {
  return {
    prepare: (databaseUrl, env, output) => prepare(databaseUrl, { ...env, NATS_URL: '' }, output),
    metricsBehind,
    start: async ({ port, env, output }) => {
      const { DATABASE_URL: databaseUrl, DATA_DIR: dataDir, NATS_URL: natsUrl } = env;
      const place = { ...(databaseUrl && { databaseUrl }), ...(dataDir && { dataDir }), ...(natsUrl && { natsUrl }) };
      const options = { port, env, output, ...place, ...(elsewhere && { elsewhere }) };
      const topology = await startTopology(path.resolve(root, file), options);
      running.set(topology.url, topology);
      return asApp(topology);
    },
  };
}

/** Asked as the gateway, whom they answer. */
async function metricsBehind(edge: string): Promise<string[]> {
  const { targets, certificates } = processesBehind(edge);
  const urls = [...new Set(Object.values(targets).flat())].filter((url) => url !== edge);
  if (!certificates) return [];
  const gateway = new Peer(certificates.pathsOf('gateway'));
  try {
    return await Promise.all(urls.map(async (url) => (await gateway.get(`${url}/metrics`)).text()));
  } finally {
    await gateway.close();
  }
}

/** The whole topology as the one thing that a test starts, kills and stops. */
function asApp(topology: RunningTopology): RunningApp {
  const { promise: exited, resolve } = Promise.withResolvers<number>();
  const end = async (code: number): Promise<number> => {
    await topology.stop();
    running.delete(topology.url);
    resolve(code);
    return exited;
  };
  return {
    name: topology.name,
    pid: topology.processes[0]!.pid!,
    child: undefined as unknown as ChildProcess, // there are several
    exited,
    stop: () => end(0),
    kill: () => {
      topology.kill();
      void end(137);
    },
  };
}
