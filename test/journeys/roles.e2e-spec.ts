import { randomUUID } from 'node:crypto';
import { type Client, expectProblem } from '../support/client.js';
import { keepsItsWord } from '../support/invariants.js';
import { type Operation, documentOf, operationsOf } from '../support/openapi.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

describe.each(topologies)('who may do what (%s)', (topology) => {
  let shop: Shop;
  let operations: Operation[];

  beforeAll(async () => {
    shop = await topology.start();
    operations = operationsOf(await documentOf(shop));
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop, { traces: 0 });

  /** Nothing that exists is named, and no body is complete: whoever is let in finds nothing to do. */
  const knock = (client: Client, { method, path, body }: Operation, token?: string) =>
    client.request(method, path, {
      key: randomUUID(),
      ...(body && { body: {} }),
      ...(token !== undefined && { token }),
    });

  const outcome = async (client: Client, operation: Operation, token?: string) => {
    const answer = await knock(client, operation, token);
    expect(answer.status).toBeLessThan(500);
    return `${operation}: ${answer.status === 401 || answer.status === 403 ? answer.status : 'let in'}`;
  };

  it('covers every route there is', () => {
    const isProtected = operations.filter(({ access }) => access !== 'open');
    expect(isProtected.length).toBeGreaterThanOrEqual(18);
    const roles = isProtected.flatMap(({ access }) => (Array.isArray(access) ? access : []));
    expect(new Set(roles)).toEqual(new Set(['admin', 'operator']));
  });

  it('nobody gets in without a token where one is needed', async () => {
    for (const operation of operations.filter(({ access }) => access !== 'open')) {
      const answer = await knock(shop, operation);
      expectProblem(answer, 401);
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer/);
    }
  });

  it.each([
    ['garbage', 'garbage'],
    ['nothing signed', `${b64({ alg: 'none', typ: 'at+jwt' })}.${b64({ sub: randomUUID(), roles: ['admin'] })}.`],
    [
      'a key of its own',
      `${b64({ alg: 'HS256', typ: 'at+jwt' })}.${b64({ sub: randomUUID(), roles: ['admin'] })}.AAAA`,
    ],
    ['a very long one', 'a'.repeat(6_000)],
  ])('a token that is %s opens nothing', async (_what, token) => {
    for (const operation of operations.filter(({ access }) => access !== 'open')) {
      expect(await outcome(shop, operation, token)).toBe(`${operation}: 401`);
    }
  });

  it.each(['customer', 'admin', 'operator'] as const)('the %s gets in exactly where allowed', async (role) => {
    const user = await { customer: () => shop.customer(), admin: () => shop.admin(), operator: () => shop.operator() }[
      role
    ]();
    const expected = operations.map((operation) => {
      const { access } = operation;
      const allowed = typeof access === 'string' || access.includes(role);
      return `${operation}: ${allowed ? 'let in' : 403}`;
    });
    const seen: string[] = [];
    for (const operation of operations) {
      // Logging out and in again has no token to do with; a wrong login is a 401 of its own, with a body of its own.
      const answer = await outcome(user, operation);
      seen.push(operation.template.includes('/webhooks/') ? `${operation}: let in` : answer);
    }
    expect(seen).toEqual(expected);
  });

  it('a role cannot be asked for when registering', async () => {
    const body = { email: `${randomUUID()}@shoppers.example`, password: 'long enough', name: 'Eve', roles: ['admin'] };
    expectProblem(await shop.post('/api/v1/users', body), 400);
  });

  it('says that a role is missing without saying which', async () => {
    const customer = await shop.customer();
    const before = await shop.stock('TEA-001');
    const problem = expectProblem(await customer.put('/api/v1/inventory/TEA-001', { onHand: 1 }), 403);
    expect(problem.detail).not.toMatch(/admin|operator/);
    expect(await shop.stock('TEA-001')).toEqual(before);
  });

  it('unsigned and wrongly signed webhooks change nothing', async () => {
    for (const provider of ['acme', 'globex']) {
      const path = `/api/v1/payments/webhooks/${provider}`;
      const attempts = [
        {},
        { 'acme-signature': 't=1,v1=00' },
        { 'globex-notify-timestamp': '1', 'globex-notify-digest': 'AA==' },
      ];
      for (const headers of attempts) {
        const raw = JSON.stringify({ id: 'evt_1', type: 'charge.captured', data: { reference: randomUUID() } });
        const answer = await shop.request('POST', path, { raw, headers: headers as Record<string, string> });
        expectProblem(answer, 401);
      }
    }
  });
});

function b64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
