import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RunningApp } from '../../../scripts/launch/app.mjs';
import { freePort } from '../../../scripts/launch/ports.mjs';
import { startMonolith } from '../../../scripts/launch/shop.mjs';
import { Client } from '../client.js';
import { eventually } from '../eventually.js';
import { leaks } from '../leaks.js';
import type { Shop } from '../shop.js';
import type { User } from '../user.js';
import { PostgresProxy } from './tcp-proxy.js';

/** A further process of a shop, on the same database, behind a proxy of its own. */
export class Replica {
  private constructor(
    private readonly shop: Shop,
    readonly proxy: PostgresProxy,
    readonly app: RunningApp,
    readonly url: string,
    private readonly output: number,
    private readonly logFile: string,
  ) {}

  static async start(shop: Shop): Promise<Replica> {
    const { DATABASE_URL: database, DATA_DIR: folder } = shop.env as { DATABASE_URL: string; DATA_DIR: string };
    const proxy = await PostgresProxy.start(Number(new URL(database).port));
    const port = await freePort();
    const env = { ...shop.env, PORT: String(port), DATABASE_URL: proxy.through(database) };
    const logFile = path.join(folder, `replica-${port}.log`);
    const output = openSync(logFile, 'a');
    const origin = `http://127.0.0.1:${port}`;
    const app = await startMonolith({ origin, env, note: () => undefined }, { output });
    return new Replica(shop, proxy, app, origin, output, logFile);
  }

  get pid(): number {
    return this.app.pid;
  }

  /** The same user, asking here. */
  as(user: User): Client {
    return new Client(this.url, () => user.tokens.accessToken);
  }

  logs(): string[] {
    return readFileSync(this.logFile, 'utf8').split('\n').filter(Boolean);
  }

  async kill(): Promise<void> {
    this.app.kill();
    await this.app.exited;
  }

  async stop(): Promise<void> {
    this.proxy.heal();
    await this.app.stop();
    await this.proxy.stop();
    closeSync(this.output);
    expect(leaks({ logs: () => this.logs(), confidential: this.shop.confidential })).toEqual([]);
  }
}

export interface Term {
  context: string;
  epoch: number;
  /** From which the leader's session comes, as the server sees it. */
  port: number;
}

/** Who holds which leadership, as PostgreSQL sees it. */
export async function terms(shop: Shop, contexts: readonly string[]): Promise<Term[]> {
  const epochs = contexts.map((name) => `select name, epoch from ${name}.leadership`).join(' union all ');
  const { rows } = await shop.database.query<{ context: string; epoch: string; port: number }>(
    `select e.name as context, e.epoch, a.client_port as port from (${epochs}) e
     join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 2
       and l.classid = (hashtext('holdfast leader')::bigint & 4294967295)::oid
       and l.objid = (hashtext(e.name)::bigint & 4294967295)::oid
       and l.database = (select oid from pg_database where datname = current_database())
     join pg_stat_activity a on a.pid = l.pid order by 1`,
  );
  return rows.map(({ context, epoch, port }) => ({ context, epoch: Number(epoch), port }));
}

/**
 * Waits until the read models show everything. The process that keeps them looks once a second for what others wrote, and
 * `quiet` knows only of messages.
 */
export async function readModelsShowAll(shop: Shop, contexts: readonly string[]): Promise<void> {
  const parts = contexts.map(
    (context) => `select 1 from ${context}.event e join ${context}.projection_generation g using (stream_type)
                  where g.live and (e.xid, e.position) > (g.xid, g.position)`,
  );
  const behind = async () => (await shop.database.query(`${parts.join(' union all ')} limit 1`)).rowCount;
  await eventually(async () => (await behind()) === 0, { what: 'the read models show everything' });
}

/** How many messages the process at this address has handled, by outcome. */
export async function handledBy(url: string): Promise<Record<string, number>> {
  const { text } = await new Client(url).get('/metrics');
  const counts: Record<string, number> = {};
  for (const [, outcome, count] of text.matchAll(
    /^handler_duration_seconds_count\{[^}]*outcome="(\w+)"[^}]*\} (\d+)/gm,
  )) {
    counts[outcome!] = (counts[outcome!] ?? 0) + Number(count);
  }
  return counts;
}

/** Messages of one key that were not done in the order in which they stood in line. */
export async function outOfOrder(shop: Shop, contexts: readonly string[]): Promise<object[]> {
  const parts = contexts.map(
    (context) => `
      select '${context}' as context, lane, message_id, done_at, elder_done from (
        select lane, message_id, done_at, max(done_at) over (partition by lane order by position, handler
               rows between unbounded preceding and 1 preceding) as elder_done
        from ${context}.inbox where done_at is not null and position is not null) i where done_at < elder_done`,
  );
  return (await shop.database.query<object>(parts.join(' union all '))).rows;
}
