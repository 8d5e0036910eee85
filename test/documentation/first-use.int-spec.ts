import { readFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';

const root = path.resolve(import.meta.dirname, '../..');

/** What stands in the README is the sample beside this test: compiled with everything else, and run here. */
function expectInReadme(library: string): void {
  const readme = readFileSync(path.join(root, 'libs', library, 'README.md'), 'utf8');
  const first = /^```ts\n([^]*?)^```$/m.exec(readme)?.[1];
  const sample = readFileSync(path.join(import.meta.dirname, `${library}.first-use.fixture.ts`), 'utf8');
  expect(first).toBe(sample);
  expect(sample.trimEnd().split('\n').length).toBeLessThanOrEqual(30);
}

describe('the first use in a README', () => {
  it('of messaging runs as it stands there', async () => {
    expectInReadme('messaging');
    const { letters, amount } = await import('./messaging.first-use.fixture.js');
    expect(letters).toEqual([expect.stringMatching(/^Welcome, [0-9a-f-]{36}$/)]);
    expect(amount).toBe(250);
  });

  it('of routing runs as it stands there', async () => {
    expectInReadme('routing');
    const { answeredBy } = await import('./routing.first-use.fixture.js');
    expect(answeredBy).toBe('first');
  });

  it('of data consistency runs as it stands there, on a fresh database', async () => {
    expectInReadme('data-consistency');
    const admin = new pg.Client({ connectionString: process.env.TEST_ADMIN_DATABASE_URL! });
    await admin.connect();
    const forget = async () => {
      await admin.query('drop database if exists first_use with (force)');
      await admin.query('drop role if exists bank_app');
    };
    await forget();
    await admin.query('create database first_use');
    process.env.DATABASE_URL = Object.assign(new URL(process.env.TEST_ADMIN_DATABASE_URL!), {
      pathname: '/first_use',
    }).href;
    const { account, pool, road, thanked } = await import('./data-consistency.first-use.fixture.js');
    pool.on('error', () => undefined);
    try {
      expect(await thanked).toEqual({ id: 'ada', cents: 250 });
      expect(await road.events.load(account, 'ada')).toEqual({ state: 250, version: 1 });
    } finally {
      await road.stopHandling();
      await road.releaseLeadership();
      await pool.end();
      await forget();
      await admin.end();
    }
  });
});
