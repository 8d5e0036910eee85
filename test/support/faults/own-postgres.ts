import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type pg from 'pg';
import { type RunningApp, startApp } from '../../../scripts/launch/app.mjs';
import { type RunningPostgres, startPostgres } from '../../../scripts/postgres.mjs';
import { connectTo } from '../databases.js';
import { eventually } from '../eventually.js';
import { murder } from './process-control.js';

export interface OwnPostgresOptions {
  /** Where its files go; default a folder of its own below the system's temporary one. */
  folder?: string;
  settings?: Record<string, string>;
}

/** A server for one test file, durable as in production, to be broken at will. It is started again when it ends. */
export class OwnPostgres {
  private constructor(
    private server: RunningPostgres,
    /** The superuser, straight to the server. */
    readonly admin: pg.Pool,
    private readonly options: { dataDir: string; settings?: Record<string, string> },
    private readonly temporary: boolean,
  ) {}

  static async start({ folder, settings }: OwnPostgresOptions = {}): Promise<OwnPostgres> {
    const dataDir = folder ?? mkdtempSync(path.join(os.tmpdir(), 'holdfast-own-postgres-'));
    if (!folder) chmodSync(dataDir, 0o755); // the server runs as another account when we are root
    const options = { dataDir, ...(settings && { settings }) };
    const server = await startPostgres(options);
    return new OwnPostgres(server, connectTo(server.url), options, !folder);
  }

  get url(): string {
    return this.server.url;
  }

  get port(): number {
    return this.server.port;
  }

  /** Immediate shutdown, as `pg_ctl -m immediate`: no checkpoint, every client cut off. Resolves when it answers again. */
  async restart(): Promise<void> {
    const { pid } = this.server;
    process.kill(pid, 'SIGQUIT');
    await this.answers(pid);
  }

  /** kill -9 of the postmaster; its children follow by themselves. Resolves when it answers again. */
  async kill(): Promise<void> {
    const { pid } = this.server;
    await murder(pid);
    await this.answers(pid);
  }

  /** Stopped in good order while this lasts, and started again at the same address. */
  async away(meanwhile: () => Promise<void>): Promise<void> {
    const { port } = this;
    await this.server.stop();
    try {
      await meanwhile();
    } finally {
      this.server = await startPostgres({ ...this.options, port });
    }
  }

  /** Ends every other connection; returns how many. */
  async terminateAll(roles = '%'): Promise<number> {
    const { rowCount } = await this.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity
       where backend_type = 'client backend' and pid <> pg_backend_pid() and usename like $1`,
      [roles],
    );
    return rowCount ?? 0;
  }

  migrate(): RunningApp {
    return startApp({ name: 'migrate', env: { DATABASE_URL: this.url }, output: 'ignore' });
  }

  async stop(): Promise<void> {
    await this.admin.end();
    await this.server.stop();
    if (this.temporary) rmSync(this.options.dataDir, { recursive: true, force: true });
  }

  private async answers(former: number): Promise<void> {
    const asks = async () => this.server.pid !== former && (await this.admin.query('select').catch(() => undefined));
    await eventually(asks, { what: 'PostgreSQL is back', withinMs: 60_000 });
  }
}
