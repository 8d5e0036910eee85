import {
  EventStore,
  Projector,
  sandboxStatements,
  type Database,
  type LogWindow,
  type Projection,
} from '@holdfast/data-consistency';
import { schemaName } from '@holdfast/database';
import type { Connections } from './connections.js';
import type { Progress } from './progress.js';
import { foldAll, type Folded } from './rebuild.js';
import { Misuse, type ReplayRequest } from './replay-request.js';

export interface SandboxRun extends Pick<ReplayRequest, 'from' | 'to'> {
  connections: Connections;
  context: string;
  projection: Projection;
  progress: Progress;
}

/** What came of it, and of the live rows when both stand for the same part of the log. */
export interface Replayed extends Folded {
  schema: string;
  live?: { rows: number; checksum: string };
}

/** Replays a window of the log, or all of it, into a schema of its own, with the rights of a role of its own. */
export async function replayIntoSandbox({
  connections,
  context,
  projection,
  progress,
  from,
  to,
}: SandboxRun): Promise<Replayed> {
  const schema = schemaName(context);
  const sandbox = `${schema}_sandbox`;
  const administrator = connections.administrator();
  const whole = from === undefined && to === undefined;
  const live = whole ? await liveSums(connections.context(context), projection) : undefined;
  const window: LogWindow = {
    upTo: live ?? { xid: await horizon(administrator) },
    ...(from && { from }),
    ...(to && { to }),
  };
  await prepare(administrator, sandbox, sandboxStatements({ schema, sandbox, role: sandbox, projection, window }));
  const folded = await foldAll({ database: connections.as(sandbox, sandbox), projection, progress });
  return { ...folded, schema: sandbox, ...(live && { live }) };
}

/** Below it no transaction is under way any more: what is there stays, and nothing is added. */
async function horizon(database: Database): Promise<string> {
  const row = await database.one<{ xid: string }>(`select pg_snapshot_xmin(pg_current_snapshot())::text as xid`);
  return row!.xid;
}

async function liveSums(database: Database, projection: Projection) {
  const reader = new Projector({
    database,
    events: new EventStore(database),
    projection,
    failed: () => undefined,
    moved: () => undefined,
  });
  return reader.checksum();
}

/** All or nothing, and one at a time: the lock goes with the transaction, the sandbox then is somebody's. */
async function prepare(administrator: Database, sandbox: string, statements: readonly string[]): Promise<void> {
  await administrator.transaction(async (client) => {
    const { rows } = await client.query<{ free: boolean }>(
      `select pg_try_advisory_xact_lock(hashtext('holdfast sandbox'), hashtext($1)) as free`,
      [sandbox],
    );
    if (!rows[0]?.free) throw new Misuse(`Somebody else is preparing ${sandbox}; try again.`);
    for (const statement of statements) await client.query(statement);
  });
}
