import { Database } from '@holdfast/data-consistency';
import { migrate } from '@holdfast/database';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { adminUrl, dropDatabase, emptyDatabase } from '../../../test/support/databases.js';
import { seedContext } from './seed.js';

/** As the role has them, and shorter. */
const LIMITS = '-c lock_timeout=100 -c statement_timeout=300 -c idle_in_transaction_session_timeout=300';

describe('seeding a fresh database', () => {
  const pools: pg.Pool[] = [];
  let name: string;
  beforeAll(async () => {
    name = await emptyDatabase();
    await migrate({ adminUrl: adminUrl(name), plans: [{ context: 'seeds', migrations: [] }] });
  });
  afterAll(async () => {
    await Promise.all(pools.map((pool) => pool.end()));
    await dropDatabase(name);
  });

  const replica = () => {
    const pool = new pg.Pool({
      connectionString: adminUrl(name),
      options: `-c search_path=seeds -c role=seeds_app ${LIMITS}`,
    });
    pool.on('error', () => {});
    pools.push(pool);
    return new Database(pool);
  };

  it('is done by one of two that start together, however long it takes, and the other waits for it', async () => {
    let begun = 0;
    let done = 0;
    const seed = {
      async seed() {
        begun += 1;
        await delay(1_000);
        done += 1;
      },
    };
    const start = async () => [await seedContext(replica(), seed), done];
    const outcomes = await Promise.all([start(), start()]);
    expect(outcomes.toSorted()).toEqual([
      [false, 1],
      [true, 1],
    ]);
    expect(await seedContext(replica(), seed)).toBe(false);
    expect(begun).toBe(1);
  });
});
