import type { Duplex } from 'node:stream';
import pg from 'pg';
import { isUnavailable } from './errors.js';
import { SturdyClient, UnreadableAnswer } from './sturdy-client.js';

const connectionString = process.env.TEST_ADMIN_DATABASE_URL!;
const pools: pg.Pool[] = [];
afterEach(() => Promise.all(pools.splice(0).map((pool) => pool.end())));

function poolOf(Client: typeof pg.Client) {
  const pool = new pg.Pool({ connectionString, max: 1, Client });
  pool.on('error', () => undefined);
  pools.push(pool);
  return pool;
}

const streamOf = (client: pg.ClientBase) => (client as unknown as { connection: { stream: Duplex } }).connection.stream;

/** What a server says as it ends a session. */
function farewell(): Buffer {
  const fields = Buffer.from('SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0');
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeUInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
}

/** The end of a session arrives at the very moment in which a pool hands the client on. */
async function endedWhileHandedOver(pool: pg.Pool): Promise<unknown> {
  const first = await pool.connect();
  const second = pool.connect();
  let thrown: unknown;
  first.release(); // hands it to the second, who hears of it a moment later
  try {
    streamOf(first).emit('data', farewell());
  } catch (error) {
    thrown = error;
  }
  const client = await second;
  client.release(true);
  return thrown;
}

describe('a sturdy client', () => {
  it('sends a statement behind another without waiting, and each stands or falls by itself', async () => {
    const pool = poolOf(SturdyClient);
    await pool.query('create temporary table note (n int check (n < 3))');
    const told: string[] = [];
    const tell = async (n: number) => {
      let counted: Promise<unknown> | undefined;
      const behind = (client: pg.ClientBase) => {
        told.push(`sent behind ${n}`);
        counted = client.query('select count(*)::int as notes from note').then(({ rows }) => rows[0].notes);
      };
      const insert = { text: 'insert into note values ($1)', values: [n], behind };
      const outcome = await pool.query(insert).then(
        () => 'in',
        (error: { code: string }) => error.code,
      );
      told.push(`answered ${n}`);
      return [outcome, await counted];
    };
    expect(await tell(1)).toEqual(['in', 1]);
    expect(await tell(2)).toEqual(['in', 2]);
    expect(await tell(3)).toEqual(['23514', 2]);
    expect(told).toEqual([1, 2, 3].flatMap((n) => [`sent behind ${n}`, `answered ${n}`]));
  });

  it('survives the end of its session while a pool hands it over, which the plain one does not', async () => {
    expect(String(await endedWhileHandedOver(poolOf(pg.Client)))).toMatch(/terminating connection/);
    expect(await endedWhileHandedOver(poolOf(SturdyClient))).toBeUndefined();
  });

  it.each([
    ['ends in the middle', [0x54, 0, 0, 0, 8, 0, 40, 65, 66]],
    ['is of no known type', [0x21, 0, 0, 0, 5, 1]],
    ['is nothing but zeroes', Array<number>(32).fill(0)],
  ])('fails its query when the answer %s, and the pool opens another connection', async (_, bytes) => {
    const pool = poolOf(SturdyClient);
    const client = await pool.connect();
    const asked = client.query('select pg_sleep(5)');
    streamOf(client).emit('data', Buffer.from(bytes));
    const error = await asked.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UnreadableAnswer);
    expect(isUnavailable(error)).toBe(true);
    client.release();
    expect((await pool.query<{ one: number }>('select 1 as one')).rows).toEqual([{ one: 1 }]);
  });

  it('stays in its pool when PostgreSQL refused data, and leaves it when it might be its own fault', async () => {
    const pool = poolOf(SturdyClient);
    const pid = async () => (await pool.query('select pg_backend_pid() as pid')).rows[0].pid as number;
    const first = await pid();
    await expect(pool.query('select 1 / 0')).rejects.toMatchObject({ code: '22012' });
    await pool.query('create temporary table note (n int)');
    const all = { name: 'all', text: 'select * from note' };
    await pool.query(all);
    expect(await pid()).toBe(first);
    await pool.query('alter table note add column more int');
    await expect(pool.query(all)).rejects.toThrow('cached plan must not change result type');
    expect(await pid()).not.toBe(first);
  });
});
