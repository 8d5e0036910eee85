import { randomBytes, randomUUID } from 'node:crypto';
import { closeSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { type RunningApp, startApp } from '../../scripts/launch/app.mjs';
import { accepts, freePort } from '../../scripts/launch/ports.mjs';
import { Client, expecting } from './client.js';
import { adminUrl, connectTo, copyOfTemplate, dropDatabase } from './databases.js';
import { eventually } from './eventually.js';
import { LogFile } from './log-file.js';
import { Provider } from './provider.js';
import { quiet } from './quiet.js';
import { User } from './user.js';
import type { StockView } from './views.js';

export interface ShopOptions {
  /** Settings of the shop, on top of the ones tests always use. */
  env?: Record<string, string>;
  /** A migrated and seeded database elsewhere than on the PostgreSQL of this test run. */
  databaseUrl?: string;
  /** How long a provider that hangs is silent, milliseconds. */
  hangMs?: number;
}

/** What a topology knows how to do: run the shop's own processes with these settings. */
export interface Processes {
  start(place: { port: number; env: Record<string, string>; output: number }): Promise<RunningApp>;
  prepare(databaseUrl: string, env: Record<string, string>, output: number): Promise<void>;
  /** What every process behind this edge says at /metrics, when the edge is not the only one. */
  metricsBehind?(edge: string): Promise<string[]>;
}

const staff = {
  admin: { email: 'admin@holdfast.local', password: 'the-admin-of-the-tests' },
  operator: { email: 'operator@holdfast.local', password: 'the-operator-of-the-tests' },
};

/** A token lives ten minutes, and a shop may be shared by many tests. */
const BEFORE_TOKENS_EXPIRE_MS = 240_000;

/** A shop of real processes, with a database and payment providers of its own. */
export class Shop extends Client {
  readonly confidential = new Set<string>();
  /** Ids of messages that a test has poisoned on purpose. */
  readonly parked: string[] = [];
  readonly provider: Provider;
  readonly database: pg.Pool;
  private readonly log: LogFile;
  private readonly staff = new Map<string, { user: Promise<User>; until: number }>();
  private app!: RunningApp;
  private holders = 1;
  /** Spans of what came before are gone. */
  startedAt = new Date();

  private constructor(
    private readonly processes: Processes,
    private readonly place: Place,
    private readonly providerApp: RunningApp,
  ) {
    super(`http://127.0.0.1:${place.port}`);
    this.provider = new Provider(place.env.ACME_URL!.replace(/\/acme$/, ''), place.env.PAYMENT_PROVIDER_CONTROL_KEY!);
    this.database = connectTo(place.env.DATABASE_URL!);
    this.log = new LogFile(place.logFile);
  }

  static async start(processes: Processes, options: ShopOptions): Promise<Shop> {
    const place = await prepared(processes, options);
    const providerApp = startApp({ name: 'payment-provider', env: place.env, output: place.output });
    const providerPort = Number(place.env.PAYMENT_PROVIDER_PORT);
    const [app] = await Promise.all([
      processes.start(place),
      eventually(() => accepts(providerPort), { what: 'the payment provider started' }),
    ]).catch(async (error) => {
      await providerApp.stop();
      throw withLog('The shop did not start', place.logFile, error);
    });
    const shop = new Shop(processes, place, providerApp);
    shop.app = app;
    return shop;
  }

  /** Somebody new, registered and logged in. */
  customer(): Promise<User> {
    return User.register(this.url, this.confidential);
  }

  admin(): Promise<User> {
    return this.staffMember('admin');
  }

  operator(): Promise<User> {
    return this.staffMember('operator');
  }

  async stock(sku: string): Promise<StockView> {
    return expecting(200, await this.get<StockView>(`/api/v1/inventory/${sku}`));
  }

  /** A product of a test's own, known everywhere and ready to be ordered. */
  async sell({ amount = 500, currency = 'EUR', onHand = 100, name = 'A tea of its own' } = {}): Promise<string> {
    const sku = `T-${randomUUID().slice(0, 13).toUpperCase()}`;
    const admin = await this.admin();
    await admin.setStock(sku, onHand);
    expecting(201, await admin.post('/api/v1/products', { sku, name, price: { amount, currency } }));
    await this.quiet();
    return sku;
  }

  quiet(withinMs?: number): Promise<void> {
    return quiet(this, withinMs);
  }

  /** What a Prometheus that scrapes every process would have. */
  async metrics(): Promise<string> {
    const { text } = await this.get('/metrics');
    return [text, ...((await this.processes.metricsBehind?.(this.url)) ?? [])].join('\n');
  }

  /** One more holder: it ends when the last one has disposed of it. */
  shared(): this {
    this.holders += 1;
    return this;
  }

  /** Everything the shop has ever written, one entry per line. */
  logs(): string[] {
    return this.log.lines();
  }

  get pid(): number {
    return this.app.pid;
  }

  get env(): Record<string, string> {
    return this.place.env;
  }

  /** The exit code of the process that runs now. */
  get exited(): Promise<number> {
    return this.app.exited;
  }

  /** kill -9. */
  async kill(): Promise<void> {
    this.app.kill();
    await this.app.exited;
  }

  /** SIGTERM; the exit code. */
  stop(): Promise<number> {
    return this.app.stop();
  }

  /** Starts the processes again after `kill` or `stop`, on the same data. */
  async restart(env: Record<string, string> = {}): Promise<void> {
    Object.assign(this.place.env, env);
    this.app = await this.processes.start(this.place);
    this.startedAt = new Date();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.holders -= 1;
    if (this.holders > 0) return;
    await Promise.all([this.app.stop(), this.providerApp.stop(), this.database.end()]);
    if (this.place.databaseName) await dropDatabase(this.place.databaseName);
    closeSync(this.place.output);
    if (process.env.KEEP_SHOP_LOGS) console.log(`log: ${this.place.logFile}`);
    else rmSync(path.dirname(this.place.logFile), { recursive: true, force: true });
  }

  private staffMember(role: keyof typeof staff): Promise<User> {
    const known = this.staff.get(role);
    if (known && known.until > performance.now()) return known.user;
    const user = User.logIn(this.url, staff[role], this.confidential);
    this.staff.set(role, { user, until: performance.now() + BEFORE_TOKENS_EXPIRE_MS });
    return user;
  }
}

interface Place {
  port: number;
  env: Record<string, string>;
  logFile: string;
  output: number;
  databaseName?: string;
}

async function prepared(processes: Processes, { env = {}, databaseUrl, hangMs = 2_000 }: ShopOptions): Promise<Place> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-shop-'));
  const logFile = path.join(folder, 'shop.log');
  const output = openSync(logFile, 'a');
  const [port, providerPort] = [await freePort(), await freePort()];
  const settings = { ...testSettings({ folder, port, providerPort, hangMs }), ...env };
  const prepare = (url: string) => processes.prepare(url, { ...settings, DATABASE_URL: url }, output);
  const databaseName = databaseUrl
    ? undefined
    : await copyOfTemplate(prepare).catch((error) => {
        throw withLog('Its database could not be prepared', logFile, error);
      });
  return {
    port,
    logFile,
    output,
    env: { ...settings, DATABASE_URL: databaseUrl ?? adminUrl(databaseName) },
    ...(databaseName && { databaseName }),
  };
}

const withLog = (what: string, logFile: string, cause: unknown) =>
  new Error(`${what}:\n${readFileSync(logFile, 'utf8').slice(-4_000)}`, { cause });

interface Surroundings {
  folder: string;
  port: number;
  providerPort: number;
  hangMs: number;
}

function testSettings({ folder, port, providerPort, hangMs }: Surroundings): Record<string, string> {
  const secret = () => randomBytes(24).toString('base64url');
  return {
    PORT: String(port),
    DATA_DIR: folder,
    NODE_ENV: 'test',
    LOG_LEVEL: 'debug',
    DATABASE_POOL_SIZE: '5',
    PAYMENTS_PROVIDER_TIMEOUT_MS: '500',
    USERS_ADMIN_PASSWORD: staff.admin.password,
    USERS_OPERATOR_PASSWORD: staff.operator.password,
    ACME_API_KEY: secret(),
    ACME_WEBHOOK_SECRET: secret(),
    GLOBEX_API_KEY: secret(),
    GLOBEX_WEBHOOK_SECRET: secret(),
    ACME_URL: `http://127.0.0.1:${providerPort}/acme`,
    GLOBEX_URL: `http://127.0.0.1:${providerPort}/globex`,
    PAYMENT_PROVIDER_PORT: String(providerPort),
    PAYMENT_PROVIDER_DATA: path.join(folder, 'payment-provider'),
    PAYMENT_PROVIDER_WEBHOOK_URL: `http://127.0.0.1:${port}/api/v1/payments/webhooks`,
    PAYMENT_PROVIDER_CONTROL_KEY: secret(),
    PAYMENT_PROVIDER_HANG_MS: String(hangMs),
  };
}
