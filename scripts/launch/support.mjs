// Everything the shop needs around it: its data's lock, PostgreSQL, migrations, the payment providers' stand-in.
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startPostgres } from '../postgres.mjs';
import { root, startApp } from './app.mjs';
import { awaitLeftovers, noteProcesses } from './leftovers.mjs';
import { lockData } from './lock.mjs';
import { ownSettings } from './own-settings.mjs';
import { accepts, freePort, isPortFree, originAt } from './ports.mjs';
import { PROVIDER_SECRETS, providerSecrets } from './secrets.mjs';
import { until } from './wait.mjs';

/**
 * @param {object} [options]
 * @param {string} [options.dataDir] default DATA_DIR, else <checkout>/.holdfast
 * @param {number} [options.port] of the shop; default PORT (0: any free one), else 3000. Refused when taken
 * @param {string} [options.databaseUrl] default DATABASE_URL; undefined or '' given here = an embedded PostgreSQL
 * @param {Record<string, string>} [options.env] for every app
 * @param {boolean} [options.fsync] of the embedded PostgreSQL, default true
 * @param {string} [options.command] the name a second launcher on the same data reads
 * @param {'inherit' | 'pipe' | 'ignore' | number} [options.output] of the apps
 * @param {(chunk: Buffer) => void} [options.written] takes what the apps write, when output is 'pipe'
 * @param {(text: string) => void} [options.log] progress, one line each
 * @param {AbortSignal} [options.signal] gives up starting, and stops what was started
 * @returns {Promise<{ port: number, origin: string, dataDir: string, databaseUrl: string, env: Record<string, string>,
 *   provider?: object, migrate(): Promise<void>, note(apps: object[]): void, stop(): Promise<void>, kill(): void }>}
 * @throws {Error} with a message for people; whatever was started is stopped again
 */
export async function startSupport(options = {}) {
  const {
    env: extra = {},
    output = 'inherit',
    written,
    log = () => {},
    fsync,
    command = 'npm start',
    signal,
  } = options;
  const dataDir = path.resolve(options.dataDir || process.env.DATA_DIR || path.join(root, '.holdfast'));
  const port = options.port ?? (await portFrom(process.env.PORT || undefined));
  const origin = originAt(extra.HOST || process.env.HOST, port);
  const toStop = [];
  let current;
  const stop = async () => {
    await current?.stop(5_000);
    for (let next = toStop.pop(); next; next = toStop.pop()) await next.stop();
  };
  const check = () => signal?.throwIfAborted();

  try {
    let databaseUrl = 'databaseUrl' in options ? options.databaseUrl : process.env.DATABASE_URL;
    const lock = await lockData(dataDir, { command, url: origin, external: Boolean(databaseUrl) });
    toStop.push({ stop: lock.release });
    await awaitLeftovers(dataDir, log);
    if (!(await isPortFree(port))) throw new Error(`Port ${port} is taken. Stop what listens there, or set PORT=3001.`);
    check();

    let postgres;
    if (databaseUrl) log(`PostgreSQL: the server that DATABASE_URL names`);
    else {
      postgres = await startPostgres({ dataDir, fsync, log });
      toStop.push(postgres);
      databaseUrl = postgres.url;
      log(`PostgreSQL  ready on 127.0.0.1:${postgres.port}, data in ${path.join(dataDir, 'postgres')}`);
    }
    check();

    const external = extra.ACME_URL || process.env.ACME_URL || extra.GLOBEX_URL || process.env.GLOBEX_URL;
    const providerPort = external ? undefined : await freePort();
    const env = {
      DATA_DIR: dataDir,
      DATABASE_URL: databaseUrl,
      PORT: String(port),
      ...providerSecrets(dataDir, { ...process.env, ...extra }),
      ...(providerPort && providerAddresses(providerPort, origin, dataDir)),
      ...extra,
    };

    const migrate = async () => {
      const own = ownSettings({ ...process.env, ...env }, ['DATABASE_URL']);
      current = startApp({ name: 'migrate', env: own, alone: true, output, written });
      const code = await current.exited;
      current = undefined;
      check();
      if (code !== 0) throw new Error(`The migrations failed (exit code ${code}); the shop was not started.`);
      log('migrations  applied');
    };
    await migrate();

    const provider = providerPort && (await startProvider({ env, output, written, log, port: providerPort }));
    if (provider) toStop.push(provider);
    check();

    const note = (apps) => noteProcesses(dataDir, provider ? [...apps, provider.app] : apps);
    const kill = () => [current, provider].forEach((one) => one?.kill());
    return { port, origin, dataDir, databaseUrl, env, postgres, provider, migrate, note, stop, kill };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function portFrom(text = '3000') {
  const port = Number(text);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    throw new Error(`PORT=${text} is not a port (1–65535, or 0 for any free one).`);
  return port || freePort();
}

const providerAddresses = (port, shop, dataDir) => ({
  PAYMENT_PROVIDER_PORT: String(port),
  PAYMENT_PROVIDER_DATA: path.join(dataDir, 'payment-provider'),
  PAYMENT_PROVIDER_WEBHOOK_URL: `${shop}/api/v1/payments/webhooks`,
  ACME_URL: `http://127.0.0.1:${port}/acme`,
  GLOBEX_URL: `http://127.0.0.1:${port}/globex`,
});

/** Somebody else's system: when it ends it comes back, with a growing pause between attempts (0.2 s … 10 s). */
async function startProvider({ env, output, written, log, port }) {
  let stopping = false;
  let app;
  let failures = 0;
  const own = ownSettings({ ...process.env, ...env }, [...PROVIDER_SECRETS, 'PAYMENT_PROVIDER_CONTROL_KEY']);
  const launch = () => {
    const started = performance.now();
    app = startApp({ name: 'payment-provider', env: own, alone: true, output, written });
    void app.exited.then(async (code) => {
      if (stopping) return;
      failures = performance.now() - started > 10_000 ? 0 : failures + 1;
      log(`payment-provider ended with code ${code}; starting it again`);
      await pause(Math.min(10_000, 100 * 2 ** failures), undefined, { ref: false });
      if (!stopping) launch();
    });
  };
  const provider = {
    url: `http://127.0.0.1:${port}`,
    get app() {
      return app;
    },
    stop: async () => {
      stopping = true;
      await app.stop(5_000);
    },
    kill: () => {
      stopping = true;
      app.kill();
    },
  };
  launch();
  if (await until(() => failures >= 3 || accepts(port), { withinMs: 20_000 })) {
    if (failures < 3) {
      log(`providers   acme and globex on 127.0.0.1:${port}`);
      return provider;
    }
  }
  await provider.stop();
  throw new Error('The payment provider stand-in did not start; its output is above.');
}
