// Bar 11: our gateway with everything on, against nginx and @fastify/http-proxy with nothing on, before the same upstream.
import fs from 'node:fs';
import path from 'node:path';
import { atLeast, atMost } from '../harness/goals.mjs';
import { CLIENT_CORE, DATABASE_CORE, cpuOf } from '../harness/processors.mjs';
import { findNginx, startNginx } from './nginx.mjs';
import { openGateway, upstreamServer } from './open-gateway.mjs';

const CONNECTIONS = 64;
/** Requests before anything is measured: V8 compiles what a proxy does for good only after thousands of them, everybody's alike. */
const WARM_UP = 20_000;
const ROUTE = '/api/v1/orders';
const folder = path.resolve(import.meta.dirname, '../.data/gateway');

export async function run(arena) {
  if (!findNginx()) return void arena.notices.push('Bar 11 is skipped: nginx is not on this machine.');
  fs.rmSync(folder, { recursive: true, force: true });
  const upstream = await startNginx({
    folder: path.join(folder, 'upstream'),
    core: DATABASE_CORE,
    servers: upstreamServer,
  });
  arena.onEnd(() => upstream.stop());
  const gateway = await openGateway({ folder, upstream: upstream.port, profiles: arena.profiles });
  arena.onEnd(() => gateway.stop());
  const nginx = await startNginx({
    folder: path.join(folder, 'nginx'),
    core: CLIENT_CORE,
    servers: (port) => `upstream shop { server 127.0.0.1:${upstream.port}; keepalive 128; }
      server { listen 127.0.0.1:${port}; location / {
        proxy_pass http://shop; proxy_http_version 1.1; proxy_set_header Connection ""; } }`,
  });
  arena.onEnd(() => nginx.stop());
  const proxy = await arena.enter({ module: 'peers/http-proxy.mjs', settings: { upstream: upstream.port } });

  const targets = {
    holdfast: gateway,
    nginx: { port: nginx.port, cpu: () => workersCpu(nginx.pid) },
    'http-proxy': { port: await proxy.call('port'), cpu: () => cpuOf(proxy.pid) },
  };
  const entries = [];
  for (const [key, { port, cpu }] of Object.entries(targets)) {
    const settings = { port, path: ROUTE, method: 'GET', connections: CONNECTIONS };
    const load = await arena.enter({ module: 'http/load.mjs', settings, core: DATABASE_CORE });
    const window = async (ms) => {
      const before = cpu();
      const sample = await load.call('window', {
        ms,
        headers: { authorization: `Bearer ${gateway.token}` },
        body: '',
        runId: key,
      });
      for (const [status, answer] of Object.entries(sample.refused))
        arena.violations.push(`${key} answered ${status}: ${answer}`);
      return { ...sample, clientCpuUs: cpu() - before };
    };
    const warmUp = async (ms) => {
      let answered = 0;
      while (answered < WARM_UP) answered += (await window(ms)).ops;
      if (key === 'holdfast') gateway.warm();
      return {};
    };
    entries.push({ key, window, warmUp: arena.quick ? window : warmUp });
  }
  const measured = await arena.rounds('gateway', entries);

  const note =
    'ours verifies the token, exchanges it for one of the context, traces, logs, measures and balances; the peers only pass on';
  const ours = { id: '11', measured, key: 'holdfast', note };
  arena.ratio({
    ...ours,
    what: 'CPU of a request through the gateway against nginx',
    figure: 'clientCpu',
    peer: 'nginx',
    goal: atMost(1.35),
  });
  arena.ratio({
    ...ours,
    what: 'requests/s against @fastify/http-proxy',
    figure: 'rate',
    peer: 'http-proxy',
    goal: atLeast(2.5),
  });
}

/** A master that waits and the worker that works. */
function workersCpu(pid) {
  const children = fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  return children.reduce((sum, child) => sum + cpuOf(Number(child)), cpuOf(pid));
}
