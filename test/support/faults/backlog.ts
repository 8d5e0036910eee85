import type pg from 'pg';
import { eventually } from '../eventually.js';
import { contextsOf } from '../quiet.js';
import { undelivered } from '../readers.js';

/** What a context has told and nobody has carried, and what it has been told and has not got. */
export class Backlog {
  constructor(
    private readonly database: pg.Pool,
    private readonly context: string,
  ) {}

  /** Each message by what it is about. */
  async look(): Promise<Set<string>> {
    const { context } = this;
    const onTheWay = await undelivered(await contextsOf(this.database));
    const { rows } = await this.database.query<{ message: string }>(
      `select o.type || ' ' || o.key as message from ${context}.outbox o, ${context}.relay_cursor c
       where (o.xid, o.position) > (c.xid, c.position)
       union select detail || ' ' || subject from (${onTheWay}) u where context = '${context}'`,
    );
    return new Set(rows.map(({ message }) => message));
  }

  /** Waits until nothing of it is left; milliseconds. */
  async madeUp(waiting: ReadonlySet<string>): Promise<number> {
    const began = performance.now();
    const isGone = async () => ![...(await this.look())].some((message) => waiting.has(message));
    await eventually(isGone, { what: 'the backlog is gone', withinMs: 60_000 });
    return Math.round(performance.now() - began);
  }
}
