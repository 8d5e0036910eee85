import { text as textOf } from 'node:stream/consumers';
import { runBuilt } from '../support/built.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

const PRINT = `
  const { contexts } = await import('./dist/apps/contexts.js');
  const { documentOf } = await import('./dist/libs/host/index.js');
  console.log(JSON.stringify(await documentOf(contexts)));`;

describe.each(topologies)('the document of the whole shop (%s)', (topology) => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await topology.start();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());

  it('is the same bytes, whoever serves it', async () => {
    const { status, headers, text } = await shop.get('/docs-json');
    expect([status, `${text}\n`]).toEqual([200, await textOf(runBuilt(PRINT).stdout)]);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
  });
});
