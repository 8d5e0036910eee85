// The real gateway in its own process. nginx stands for every context, and for what users say about tokens.
import { generateKeyPairSync } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { AccessTokenIssuer, SigningKeys, generateSigningKey } from '../../dist/libs/security/index.js';
import { startApp } from '../../scripts/launch/app.mjs';
import { freePort } from '../../scripts/launch/ports.mjs';
import { until } from '../../scripts/launch/wait.mjs';
import { CLIENT_CORE, cpuOf, pin } from '../harness/processors.mjs';

const CONTEXTS = ['users', 'catalog', 'inventory', 'orders', 'payments', 'shipping', 'notifications', 'checkout'];

const keys = await SigningKeys.from([await generateSigningKey()]);

/** Answers every route with an order's worth of JSON. */
export const upstreamServer = (port) => `server { listen 127.0.0.1:${port}; default_type application/json;
  location = /internal/token-facts { return 200 '${JSON.stringify({ ...keys.jwks(), endedSessions: [] })}'; }
  location / { return 200 '{"items":[{"id":"0198c5f2-7d3a-7b52-9a52-0e6f4c1d2b3a","status":"completed"}],"nextCursor":null}'; } }`;

/**
 * @param {string} options.folder for its log
 * @param {number} options.upstream port of what stands for every context
 * @param {string} [options.profiles] folder for a CPU profile of what comes after `warm()`
 */
export async function openGateway({ folder, upstream, profiles }) {
  const port = await freePort();
  const log = fs.openSync(path.join(folder, 'gateway.log'), 'w');
  const { privateKey } = generateKeyPairSync('ed25519');
  const targets = Object.fromEntries(CONTEXTS.map((context) => [context, [`http://127.0.0.1:${upstream}`]]));
  const env = {
    PORT: String(port),
    NATS_URL: '',
    DISCOVERY: 'file',
    HOLDFAST_TARGETS: JSON.stringify(targets),
    INTERNAL_TOKEN_KEY: privateKey.export({ type: 'pkcs8', format: 'pem' }),
    ...(profiles && { BENCH_PROFILE: path.join(profiles, `gateway-${Date.now()}.cpuprofile`) }),
  };
  const nodeArgs = profiles ? ['--import', path.join(import.meta.dirname, '../http/profile-on-signal.mjs')] : [];
  const app = startApp({ name: 'gateway', env, nodeArgs, output: log });
  const ready = async () => (await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => undefined))?.ok;
  if (!(await until(ready, { withinMs: 30_000 }))) {
    await app.stop();
    throw new Error(`The gateway did not start: see ${path.join(folder, 'gateway.log')}`);
  }
  pin(app.pid, CLIENT_CORE);
  const issuer = new AccessTokenIssuer({ issuer: 'https://holdfast.local', audience: 'holdfast-edge', keys });
  const { accessToken } = await issuer.issue({ id: 'ada', roles: ['customer'], sessionId: 'bench' });
  return {
    port,
    token: accessToken,
    cpu: () => cpuOf(app.pid),
    warm: () => profiles && process.kill(app.pid, 'SIGUSR2'),
    async stop() {
      await app.stop();
      fs.closeSync(log);
    },
  };
}
