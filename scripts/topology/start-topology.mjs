// Runs a topology on this machine: everything around it, its processes in any order, and the end in the right one.
import fs from 'node:fs';
import path from 'node:path';
import tls from 'node:tls';
import pg from 'pg';
import { Agent, request } from 'undici';
import { startApp } from '../launch/app.mjs';
import { freePort } from '../launch/ports.mjs';
import { internalTokenKeys } from '../launch/secrets.mjs';
import { startSupport } from '../launch/support.mjs';
import { until } from '../launch/wait.mjs';
import { startCertificates } from './certificates.mjs';
import { resolveProcesses, topologyFaults } from './check-topology.mjs';
import { natsKey, natsUsers } from './nats-users.mjs';
import { findNats, startNats } from './nats.mjs';
import { planLines } from './plan.mjs';
import { processSettings } from './process-settings.mjs';
import { readManifests } from './read-manifests.mjs';
import { TopologyFaults, readTopology } from './read-topology.mjs';
import { supervise } from './supervise.mjs';
import { lagAt } from './table.mjs';

const EMBEDDED_MAX_CONNECTIONS = 300; // scripts/postgres.mjs
const READY_WITHIN_MS = 120_000;

/**
 * @param {string} file the topology
 * @param {object} [options] those of startSupport (env, port, dataDir, databaseUrl, output, written, signal, log), and
 * @param {string} [options.natsUrl] default NATS_URL; unset = a nats-server of its own when there is more than one process
 * @param {boolean} [options.withLag] ask every process once a second how many messages wait in it
 * @param {(one: object) => void} [options.changed] told about every change of a process's state
 * @param {(place: object, env: object) => object | undefined} [options.elsewhere] further options of startApp for a process
 *   that does not run as the others do
 * @returns {Promise<{ url: string, name: string, processes: object[], targets: Record<string, string[]>, support: object,
 *   nats?: object, certificates?: object, exited: Promise<number>, stop(): Promise<string[]>, kill(): void }>}
 * @throws {TopologyFaults} before anything is started, {Error} when a process does not start
 */
export async function startTopology(file, options = {}) {
  const { log = () => {}, signal, changed = () => {}, written, output = 'inherit', env: extra = {} } = options;
  const { elsewhere = () => undefined } = options;
  const plan = await planTopology(file, { ...options, env: extra });
  for (const line of planLines(plan)) log(line);
  const many = plan.processes.length > 1 || plan.processes[0].replicas > 1;
  const given = options.natsUrl ?? process.env.NATS_URL;
  if (many && !given) findNats(log); // before anything is started
  const support = await startSupport({ ...options, command: `start:topology ${plan.name}` });
  const stack = [];
  const stop = async () => {
    const complaints = [];
    for (const layer of stack.toReversed()) complaints.push(...(await Promise.all(layer.map((one) => one.stop()))));
    await support.stop();
    return complaints.flat().filter(Boolean);
  };
  try {
    const { dataDir } = support;
    const places = await placesOf(plan.processes, support);
    const targets = targetsOf(places);
    const keyOf = (name) => natsKey(path.join(dataDir, 'secrets', 'nats'), name);
    let nats;
    const certificates =
      many &&
      (await startCertificates({
        dataDir,
        names: [...places.map(({ identity }) => identity), 'nats-server'],
        log,
        renewed: () => nats?.reload(),
      }));
    if (certificates) stack.push([certificates]);
    if (many && !given) {
      const users = natsUsers(plan.processes, (name) => keyOf(name).publicKey);
      nats = await startNats({
        dataDir,
        users,
        manifests: plan.manifests,
        tls: certificates.pathsOf('nats-server'),
        log,
      });
      stack.push([nats]);
    }
    const natsUrl = many ? (given ?? nats.url) : undefined;
    const seedFileOf = (name) => nats && keyOf(name).seedFile;
    const settingsOf = await processSettings({
      support,
      manifests: plan.manifests,
      natsUrl,
      seedFileOf,
      certificates: certificates || undefined,
      tokenKeys: many && internalTokenKeys(dataDir, { ...process.env, ...support.env }),
      targets,
    });
    // One for all connections: while processes start, most are refused.
    const secureContext = certificates
      ? tls.createSecureContext({ ca: fs.readFileSync(certificates.caFile) })
      : undefined;
    const prober = new Agent({ connect: { secureContext, timeout: 1_000 }, headersTimeout: 1_000, bodyTimeout: 1_000 });
    stack.unshift([{ stop: () => prober.close() }]);
    signal?.throwIfAborted();
    const apps = new Map();
    const processes = places.map((place) =>
      supervise({
        name: place.name,
        launch: () => {
          const env = settingsOf(place);
          const app = startApp({ name: place.app, env, alone: true, output, written, ...elsewhere(place, env) });
          apps.set(place.name, app);
          support.note([...apps.values()]);
          return app;
        },
        isReady: () => answers(`${place.origin}/readyz`, prober),
        ...(options.withLag && place.app !== 'gateway' && { lag: () => lagAt(place.origin, prober) }),
        log,
        changed,
      }),
    );
    const gateways = processes.filter((_, index) => places[index].app === 'gateway');
    stack.push(
      processes.filter((one) => !gateways.includes(one)),
      gateways,
    );
    const edge = gateways[0] ?? processes[0];
    options.started?.(processes);
    await allReady(processes, signal);
    if (gateways.length > 0) await until(() => seesEverybody(support.origin), { withinMs: 10_000, everyMs: 50 });
    return {
      url: support.origin,
      name: plan.name,
      processes,
      targets,
      support,
      nats,
      certificates: certificates || undefined,
      exited: edge.givenUp.then(() => 1),
      stop,
      kill: () => [...processes, ...(nats ? [nats] : []), support].forEach((one) => one.kill()),
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Reads and checks a topology without starting anything that stays. @throws {TopologyFaults} */
export async function planTopology(file, { databaseUrl = process.env.DATABASE_URL, env = {} } = {}) {
  const topology = readTopology(file);
  const manifests = await readManifests();
  const poolSize = Number(env.DATABASE_POOL_SIZE || process.env.DATABASE_POOL_SIZE || 8);
  const maxConnections = databaseUrl ? await askMaxConnections(databaseUrl) : EMBEDDED_MAX_CONNECTIONS;
  const faults = topologyFaults(topology, manifests, { poolSize, maxConnections });
  if (faults.length > 0) throw new TopologyFaults(file, faults);
  return { name: topology.name, processes: resolveProcesses(topology, manifests), manifests, poolSize, maxConnections };
}

async function askMaxConnections(connectionString) {
  const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5_000 });
  try {
    await client.connect();
    return Number((await client.query('show max_connections')).rows[0].max_connections);
  } catch (error) {
    throw new Error(`PostgreSQL cannot be reached (${error.message}). Start it, or correct DATABASE_URL.`, {
      cause: error,
    });
  } finally {
    await client.end().catch(() => {});
  }
}

/** One place per replica. The edge answers PORT, the others ports below those that the system gives away by itself. */
async function placesOf(processes, edge) {
  const taken = new Set([edge.port]);
  const places = [];
  const only = processes.length === 1;
  for (const { name: process, app, contexts, replicas } of processes) {
    for (let replica = 1; replica <= replicas; replica++) {
      const atEdge = app === 'gateway' || only;
      const port = atEdge ? edge.port : await freePort(taken);
      taken.add(port);
      const origin = atEdge ? edge.origin : `https://127.0.0.1:${port}`; // behind a gateway processes speak TLS
      const name = replicas > 1 ? `${process}-${replica}` : process;
      places.push({ process, name, identity: app === 'gateway' ? 'gateway' : name, app, contexts, port, origin });
    }
  }
  return places;
}

function targetsOf(places) {
  const targets = {};
  for (const place of places) for (const context of place.contexts) (targets[context] ??= []).push(place.origin);
  return targets;
}

async function allReady(processes, signal) {
  const gaveUp = Promise.race(processes.map((one) => one.ready.then(() => new Promise(() => {}))));
  const late = AbortSignal.timeout(READY_WITHIN_MS);
  const ended = new Promise((_, reject) => {
    const notReady = () => processes.filter(({ state }) => state !== 'ready').map(({ name }) => name);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
    late.addEventListener('abort', () =>
      reject(new Error(`${notReady().join(', ')} did not get ready within ${READY_WITHIN_MS / 1_000} s.`)),
    );
  });
  await Promise.race([Promise.all(processes.map((one) => one.ready)), gaveUp, ended]);
  signal?.throwIfAborted();
}

/** A process may be ready a moment before the gateway has noticed. */
async function seesEverybody(origin) {
  try {
    const response = await fetch(`${origin}/healthz`, { signal: AbortSignal.timeout(2_000) });
    const { details = {} } = await response.json();
    return Object.entries(details).every(([name, { status }]) => !name.endsWith('.targets') || status === 'up');
  } catch {
    return false;
  }
}

async function answers(url, dispatcher) {
  try {
    const { statusCode, body } = await request(url, { dispatcher, signal: AbortSignal.timeout(1_000) });
    await body.dump();
    return statusCode === 200;
  } catch {
    return false;
  }
}
