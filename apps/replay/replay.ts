import { isUnavailable, sqlState, type Projection } from '@holdfast/data-consistency';
import type { Context } from '@holdfast/host';
import { Connections } from './connections.js';
import { Progress } from './progress.js';
import { rebuild } from './rebuild.js';
import { Misuse, USAGE, readRequest, type ReplayRequest } from './replay-request.js';
import { replayIntoSandbox } from './sandbox.js';

interface Chosen {
  context: string;
  projection: Projection;
}

/** Replays what the command line names, in the database `DATABASE_URL` names. Sets the exit code: 0 done, 1 not. */
export async function replay(contexts: readonly Context[], argv: readonly string[]): Promise<void> {
  process.title = 'holdfast replay';
  try {
    const request = readRequest(argv);
    const chosen = choose(contexts, request.target);
    const adminUrl = process.env.DATABASE_URL;
    if (!adminUrl) throw new Misuse('Set DATABASE_URL to a PostgreSQL role that may create roles and schemas.');
    await using connections = new Connections(adminUrl);
    for (const one of chosen) await (request.sandbox ? inSandbox : live)(connections, one, request);
  } catch (error) {
    fail(error);
  }
  process.disconnect?.();
}

function choose(contexts: readonly Context[], target: string): Chosen[] {
  const all = contexts.flatMap(({ name, projections }) =>
    projections.map((projection) => ({ context: name, projection })),
  );
  const chosen = all.filter(({ context, projection }) => target === context || target === projection.name);
  if (chosen.length > 0) return chosen;
  const known = all.map(({ context, projection }) => `${projection.name} (of ${context})`).join(', ');
  throw new Misuse(`No projection and no context with projections is called "${target}". There are: ${known}.`);
}

async function live(connections: Connections, { context, projection }: Chosen): Promise<void> {
  const progress = new Progress(projection.name, process.stdout);
  const { events, rows, checksum } = await rebuild({ database: connections.context(context), projection, progress });
  progress.finish(events, `now read: ${rows} rows, checksum ${checksum}`);
}

async function inSandbox(
  connections: Connections,
  { context, projection }: Chosen,
  request: ReplayRequest,
): Promise<void> {
  const progress = new Progress(projection.name, process.stdout);
  const { from, to } = request;
  const bounds = { ...(from && { from }), ...(to && { to }) };
  const done = await replayIntoSandbox({ connections, context, projection, progress, ...bounds });
  progress.finish(done.events, `in ${done.schema}.${projection.table}: ${done.rows} rows, checksum ${done.checksum}`);
  if (!done.live) return;
  const same = done.live.checksum === done.checksum && done.live.rows === done.rows;
  if (same) return void process.stdout.write(`  ${projection.name}: equal to the live rows\n`);
  const { rows, checksum } = done.live;
  throw new Error(`${projection.name}: the live rows differ: ${rows} rows, checksum ${checksum}. Rebuild them.`);
}

/** No such password, no such role, no such schema, no such table. */
const NOT_MIGRATED = new Set(['28P01', '28000', '3F000', '42P01']);

function fail(error: unknown): void {
  const { message } = error as Error;
  if (error instanceof Misuse) process.stderr.write(`\n${message}\n\n${USAGE}\n`);
  else if (isUnavailable(error)) process.stderr.write(`\nPostgreSQL cannot be reached: ${message}.\n`);
  else if (NOT_MIGRATED.has(sqlState(error) ?? '')) {
    process.stderr.write(`\n${message}. Is this database migrated? npm run migrate, or start the shop once.\n`);
  } else process.stderr.write(`\n${message}\n`);
  process.exitCode = 1;
}
