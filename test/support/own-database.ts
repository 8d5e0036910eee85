import { migrate, roleUrl, type MigrationPlan } from '@holdfast/database';
import type pg from 'pg';
import { adminUrl, connectTo, dropDatabase, emptyDatabase } from './databases.js';

interface OwnDatabase {
  readonly url: string;
  readonly pool: pg.Pool;
  /** For what a test opens on the database: ended first, the newest before the others. */
  readonly cleanUp: AsyncDisposableStack;
}

/**
 * A database for the tests of this file, from before the first until after the last, and a pool of twelve connections that
 * log in as the context's role.
 *
 * @param migrations brought in before the first test; without them it is empty, and the role is there once a test migrated
 */
export function ownDatabase(context: string, migrations?: MigrationPlan['migrations']): OwnDatabase {
  const cleanUp = new AsyncDisposableStack();
  let name: string;
  let pool: pg.Pool;
  beforeAll(async () => {
    name = await emptyDatabase();
    cleanUp.defer(() => dropDatabase(name));
    if (migrations) await migrate({ adminUrl: adminUrl(name), plans: [{ context, migrations }] });
    pool = connectTo(roleUrl(adminUrl(name), context), 12);
    pool.on('connect', (client) => client.on('error', () => undefined)); // dropping the database ends those in use, too
    cleanUp.defer(() => pool.end());
  });
  afterAll(() => cleanUp.disposeAsync());
  return {
    cleanUp,
    get url() {
      return adminUrl(name);
    },
    get pool() {
      return pool;
    },
  };
}
