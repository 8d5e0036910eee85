import fs from 'node:fs';
import path from 'node:path';
import { root, startApp, stopAndTell } from './app.mjs';
import { missingRoleUrls } from './given.mjs';
import { startSupport } from './support.mjs';
import { until } from './wait.mjs';

/**
 * Starts the monolith beside a running support and waits until it is ready.
 * @returns {Promise<ReturnType<typeof startApp>>}
 * @throws {Error} when it ends, or is not ready within 60 s
 */
export async function startMonolith(support, { nodeArgs = [], output = 'inherit', signal } = {}) {
  const env = { EDGE: 'here', ...(await withRolesOnly(support.env)) };
  const app = startApp({ name: 'monolith', env, nodeArgs, output });
  support.note([app]);
  let code;
  void app.exited.then((value) => (code = value));
  const ready = async () => code !== undefined || signal?.aborted || (await answers(`${support.origin}/readyz`));
  const outcome = await until(ready, { withinMs: 60_000 });
  if (code !== undefined)
    throw Object.assign(new Error(`The shop ended before it was ready (code ${code}).`), { code });
  if (outcome && !signal?.aborted) return app;
  await app.stop();
  signal?.throwIfAborted();
  throw new Error(`The shop did not answer ${support.origin}/readyz within 60 s.`);
}

/** The shop logs in as its contexts' roles; the administrator's URL is for migrations, the provider's key for the provider. */
async function withRolesOnly(env) {
  if (!env.DATABASE_URL) return env;
  const { roleUrl } = await import(path.join(root, 'dist/libs/database/role-url.js'));
  const contexts = fs.readdirSync(path.join(root, 'dist/migrations'), { withFileTypes: true });
  const names = contexts.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const roles = missingRoleUrls({ ...process.env, ...env }, names, (name) => roleUrl(env.DATABASE_URL, name));
  return { ...roles, ...env, DATABASE_URL: '', PAYMENT_PROVIDER_CONTROL_KEY: '' };
}

async function answers(url) {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/**
 * The whole shop in one process, with everything around it. Options as for `startSupport`, and `nodeArgs`.
 * @returns {Promise<{ url: string, support: object, app: object, exited: Promise<number>, stop(): Promise<string[]>, kill(): void }>}
 */
export async function startShop(options = {}) {
  const support = await startSupport(options);
  try {
    const app = await startMonolith(support, options);
    return {
      url: support.origin,
      support,
      app,
      exited: app.exited,
      stop: async () => {
        const complaints = await stopAndTell('the shop', app);
        await support.stop();
        return complaints;
      },
      kill: () => [app, support].forEach((one) => one.kill()),
    };
  } catch (error) {
    await support.stop();
    throw error;
  }
}
