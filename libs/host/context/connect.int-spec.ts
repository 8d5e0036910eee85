import { jest } from '@jest/globals';
import { roleUrl } from '@holdfast/database';
import { setTimeout as pause } from 'node:timers/promises';
import { PostgresProxy } from '../../../test/support/faults/tcp-proxy.js';
import { ownDatabase } from '../../../test/support/own-database.js';
import { connect, hurry, poolOf } from './connect.js';
import { defineContext } from './context.js';

class Module {}
const context = defineContext({ name: 'patient', module: Module });

jest.setTimeout(60_000);

describe('the connections of a context', () => {
  const own = ownDatabase(context.name, []);
  let proxy: PostgresProxy;

  beforeAll(async () => {
    proxy = await PostgresProxy.start(Number(new URL(own.url).port));
  });
  afterAll(() => proxy.stop());

  it('are waited for while the process starts, and made soon or given up afterwards', async () => {
    const url = proxy.through(roleUrl(own.url, context.name));
    proxy.hang();
    const connecting = connect({ context, url, poolSize: 2 });
    await pause(3_000); // how long nothing passes is the fault
    proxy.heal();
    const source = await connecting;
    try {
      const pool = poolOf(source);
      const held = await pool.connect(); // else it would be given to whoever asks
      hurry(pool);
      proxy.hang();
      await expect(pool.connect()).rejects.toThrow(/timeout/);
      proxy.heal();
      held.release();
      expect((await pool.query('select 1 as one')).rows).toEqual([{ one: 1 }]);
    } finally {
      await source.destroy();
    }
  });
});
