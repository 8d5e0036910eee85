import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import pg from 'pg';
import { Orders1763600000000 } from '../../migrations/orders/0001-orders.js';
import { OrdersByStatus1795996800000 } from '../../migrations/orders/0002-orders-by-status.js';
import { ReturnReasons1795996800002 } from '../../migrations/orders/0003-return-reasons.js';
import { startApp } from '../../scripts/launch/app.mjs';
import { runBuilt } from '../../test/support/built.js';
import { ownDatabase } from '../../test/support/own-database.js';

const ORDERS = 400;

const own = ownDatabase('orders', [Orders1763600000000, OrdersByStatus1795996800000, ReturnReasons1795996800002]);
let database: pg.Client;

beforeAll(async () => {
  database = new pg.Client({ connectionString: own.url });
  await database.connect();
  own.cleanUp.defer(() => database.end());
  await log(
    'order-placed',
    1,
    `json_build_object('orderId', id, 'customerId', id, 'total', json_build_object('amount', 900, 'currency', 'EUR'))`,
  );
  await log('order-reserved', 2, `'{}'`);
  await log('order-rejected', 3, `'{"reason":"sold out"}'`);
});

/** One fact of every order, an hour after the one before. */
const log = (type: string, version: number, data: string) =>
  database.query(
    `insert into orders.event (stream_type, stream_id, version, event_id, type, schema_version, data, metadata, recorded_at)
     select 'order', id, ${version}, gen_random_uuid(), '${type}', 1, ${data}, '{}', '2026-11-20T10:00:00Z'::timestamptz + interval '1 h' * ${version}
     from (select ('01930a5d-ac96-774b-bcce-' || lpad(n::text, 12, '0'))::uuid::text as id from generate_series(1, ${ORDERS}) n) orders`,
  );

interface Ended {
  code: number | null;
  out: string;
  err: string;
}

/** As its users start it. */
function command(...args: string[]): Promise<Ended> {
  const { child } = startApp({ name: 'replay', args, env: { DATABASE_URL: own.url }, output: 'pipe' });
  const ended: Ended = { code: null, out: '', err: '' };
  child.stdout!.on('data', (text) => (ended.out += text));
  child.stderr!.on('data', (text) => (ended.err += text));
  return new Promise((resolve) => child.on('close', (code) => resolve({ ...ended, code })));
}

/** One command line after another, each as the command runs it, in one process: to start takes longer than to replay. */
const COMMANDS = `
  import { createInterface } from 'node:readline';
  import { contexts } from './dist/apps/contexts.js';
  import { replay } from './dist/apps/replay/replay.js';

  for await (const line of createInterface({ input: process.stdin })) {
    process.exitCode = 0;
    await replay(contexts, JSON.parse(line));
    for (const stream of [process.stdout, process.stderr]) stream.write('ended with ' + process.exitCode + ';');
  }`;

let commands: ChildProcessWithoutNullStreams;
beforeAll(() => {
  commands = runBuilt(COMMANDS, { DATABASE_URL: own.url });
  own.cleanUp.defer(() => void commands.stdin.end());
});

async function replay(...args: string[]): Promise<Ended> {
  const said = [saidBy(commands.stdout), saidBy(commands.stderr)] as const;
  commands.stdin.write(`${JSON.stringify(args)}\n`);
  const [{ code, text: out }, { text: err }] = await Promise.all(said);
  return { code, out, err };
}

const saidBy = (stream: NodeJS.ReadableStream) =>
  new Promise<{ code: number; text: string }>((resolve) => {
    let heard = '';
    stream.on('data', function listen(chunk) {
      heard += chunk;
      const [, text, code] = /^([^]*)ended with (\d+);$/.exec(heard) ?? [];
      if (text === undefined) return;
      stream.off('data', listen);
      resolve({ text, code: Number(code) });
    });
  });

const rows = async (sql: string) => (await database.query(sql)).rows;
const statuses = (schema: string, generation: number) =>
  rows(
    `select status, count(*)::int as orders from ${schema}.order_summary where generation = ${generation} group by 1 order by 1`,
  );
const checksumIn = ({ out }: Ended) => /checksum ([0-9a-f]{64})/.exec(out)?.[1];

describe('npm run replay', () => {
  it('builds read models from the log, and again beside those that are read', async () => {
    const first = await command('order-summaries');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(
      /order-summaries: 1,200 events in [\d.]+ s, [\d,]+\/s; now read: 400 rows, checksum [0-9a-f]{64}\n$/,
    );
    expect(await statuses('orders', 1)).toEqual([{ status: 'rejected', orders: ORDERS }]);
    await database.query(`update orders.order_summary set status = 'placed'`);
    const second = await replay('orders');
    expect(second).toMatchObject({ code: 0, err: '' });
    expect(checksumIn(second)).toBe(checksumIn(first));
    expect(await rows(`select generation, live from orders.projection_generation`)).toEqual([
      { generation: 2, live: true },
    ]);
    expect(await statuses('orders', 2)).toEqual([{ status: 'rejected', orders: ORDERS }]);
  });

  it('replays into a sandbox and finds the same, with nothing live touched', async () => {
    const before = await rows(`select xmin, ctid, * from orders.order_summary order by order_id`);
    const done = await replay('orders', '--sandbox');
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).toMatch(
      /in orders_sandbox.order_summary: 400 rows, checksum [0-9a-f]{64}\n {2}order-summaries: equal to the live rows\n$/,
    );
    expect(await rows(`select xmin, ctid, * from orders.order_summary order by order_id`)).toEqual(before);
    await database.query(
      `update orders.order_summary set reason = 'meddled' where order_id = (select order_id from orders.order_summary limit 1)`,
    );
    expect(await replay('orders', '--sandbox')).toMatchObject({
      code: 1,
      err: expect.stringContaining('the live rows differ'),
    });
  });

  it.each<[string[], object[]]>([
    [['--to', '2026-11-20T11:00:00Z'], [{ status: 'placed', orders: ORDERS }]],
    [['--to', '2026-11-20T11:59:59.999Z'], [{ status: 'placed', orders: ORDERS }]],
    [['--to', '2026-11-20T13:00:00+01:00'], [{ status: 'reserved', orders: ORDERS }]],
    [['--from', '11', '--to', '20'], [{ status: 'placed', orders: 10 }]],
    [['--from', '2026-11-20T12:00:00Z'], []],
  ])('replays a window of the log: %j', async (window, expected) => {
    const done = await replay('order-summaries', '--sandbox', ...window);
    expect(done).toMatchObject({ code: 0, err: '' });
    expect(done.out).not.toContain('live rows');
    expect(await statuses('orders_sandbox', 1)).toEqual(expected);
  });

  it('gives the sandbox no right to anything live', async () => {
    await replay('orders', '--sandbox', '--to', '5');
    for (const reach of [
      'select from orders.event',
      'delete from orders.order_summary',
      'select from orders.outbox',
      'delete from orders_sandbox.event',
    ]) {
      await database.query('set role orders_sandbox');
      await expect(database.query(reach)).rejects.toThrow(/permission denied/);
      await database.query('reset role');
    }
  });

  it.each([
    [['nothing'], 'order-summaries (of orders)'],
    [[], 'Name one projection'],
    [['orders', '--from', '3'], 'need --sandbox'],
    [['orders', '--sandbox', '--to', 'tea-time'], 'not "tea-time"'],
  ])('says how it is used: %j', async (args, hint) => {
    const { code, err, out } = await replay(...args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain(hint);
    expect(err).toContain('npm run replay -- <projection|context>');
  });

  it('fails as a process when it fails', async () => {
    expect(await command('nothing')).toEqual({ code: 1, out: '', err: (await replay('nothing')).err });
  });
});
