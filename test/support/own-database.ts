import { roleUrl } from '@holdfast/host';
import type pg from 'pg';
import { adminUrl, connectTo, dropDatabase, emptyDatabase } from './databases.js';

/**
 * An empty database for the tests of this file, from before the first until after the last, and a pool that logs in as the
 * context's role; that role is there once the context was migrated.
 */
export function ownDatabase(context: string): { readonly url: string; readonly pool: pg.Pool } {
  let name: string;
  let pool: pg.Pool;
  beforeAll(async () => {
    name = await emptyDatabase();
    pool = connectTo(roleUrl(adminUrl(name), context), 10);
    pool.on('connect', (client) => client.on('error', () => undefined)); // dropping the database ends those in use, too
  });
  afterAll(async () => {
    await pool?.end();
    await dropDatabase(name);
  });
  return {
    get url() {
      return adminUrl(name);
    },
    get pool() {
      return pool;
    },
  };
}
