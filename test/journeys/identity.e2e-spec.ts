import { randomUUID } from 'node:crypto';
import { expectProblem } from '../support/client.js';
import { Forge } from '../support/forge.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import type { User } from '../support/user.js';

/** A route of each context that has something to show to a customer. */
const OF_CUSTOMERS = [
  '/api/v1/users/me',
  '/api/v1/orders',
  `/api/v1/payments?orderId=${randomUUID()}`,
  `/api/v1/shipments?orderId=${randomUUID()}`,
];

describe.each(topologies)('who calls (%s)', (topology) => {
  let shop: Shop;
  let ada: User;

  beforeAll(async () => {
    shop = await topology.start();
    ada = await shop.customer();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());

  const isKnown = async (user: User, route: string) => [200, 404].includes((await user.get(route)).status);

  it('is known to every context, each in its own way', async () => {
    for (const route of OF_CUSTOMERS) expect(await isKnown(ada, route)).toBe(true);
    expectProblem(await ada.put('/api/v1/inventory/TEA-001', { onHand: 1 }), 403);
    const operator = await shop.operator();
    expect((await operator.get('/ops/backlog')).status).toBe(200);
    expectProblem(await ada.get('/ops/backlog'), 403);
  });

  it('is nobody without a token of a user, whatever else is said', async () => {
    const headers = {
      'x-user-id': 'root',
      'x-roles': 'admin',
      'x-holdfast-principal': '{"sub":"root","roles":["admin"]}',
    };
    const answers = [
      await shop.get('/api/v1/orders'),
      await shop.get('/api/v1/orders', { headers }),
      await shop.get('/api/v1/orders', { token: await (await Forge.stranger()).sign() }),
      await shop.get('/api/v1/orders', { headers: { authorization: `Basic ${btoa('root:root')}` } }),
    ];
    const said = answers.map((answer) => ({ ...expectProblem(answer, 401, 'invalid-token'), traceId: '' }));
    for (const one of said) expect(one).toEqual(said[0]);
    for (const { headers: sent } of answers) expect(sent.get('www-authenticate')).toBe('Bearer error="invalid_token"');
  });

  it('is forgotten by every context in the moment of a logout', async () => {
    const bob = await shop.customer();
    for (const route of OF_CUSTOMERS) expect(await isKnown(bob, route)).toBe(true);
    const answer = await shop.post('/api/v1/auth/logout', { refreshToken: bob.tokens.refreshToken });
    expect(answer.status).toBe(204);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-holdfast'))).toEqual([]);
    for (const route of OF_CUSTOMERS) expectProblem(await bob.get(route), 401, 'invalid-token');
    expect((await ada.get('/api/v1/orders')).status).toBe(200);
    expect((await bob.get('/api/v1/products/TEA-001')).status).toBe(200); // open to all, so to former customers
  });

  it('may not ask about tokens', async () => {
    expectProblem(await ada.get('/internal/token-facts?withinSeconds=60'), 404);
  });
});
