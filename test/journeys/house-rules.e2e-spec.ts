import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { expectProblem, expecting } from '../support/client.js';
import { keepsItsWord } from '../support/invariants.js';
import { documentOf, operationsOf } from '../support/openapi.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';

describe.each(topologies)('what every visitor can rely on (%s)', (topology) => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await topology.start();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop, { traces: 0 });

  it.each(['/livez', '/readyz', '/startupz'])('%s answers ok, uncached', async (probe) => {
    const answer = await shop.get<{ status: string }>(probe);
    expect(expecting(200, answer).status).toBe('ok');
    expect(answer.headers.get('cache-control')).toContain('no-store');
  });

  it('/healthz names every part', async () => {
    const { details } = expecting(200, await shop.get<{ details: Record<string, { status: string }> }>('/healthz'));
    for (const context of ['users', 'catalog', 'inventory', 'orders', 'payments', 'shipping', 'checkout']) {
      expect(details[`${context}.road`]).toMatchObject({ status: 'up' });
    }
    expect(details['event-loop']).toMatchObject({ status: 'up' });
  });

  it('/metrics counts requests, messages, sagas and what waits', async () => {
    const ada = await shop.customer();
    await ada.placeOrder();
    await shop.quiet();
    const answer = await shop.get('/metrics');
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toMatch(/^(text\/plain|application\/openmetrics-text)/);
    const metrics = await shop.metrics();
    const line = (start: RegExp) => metrics.split('\n').find((one) => start.test(one));
    expect(line(/^http_\w+_count\{.*route="\/api\/v1\/orders".*\} \d+/)).toBeDefined();
    expect(line(/^\w*handler\w*\{.*context="orders".*\} /)).toBeDefined();
    expect(line(/^\w*outbox\w*\{.*context="orders".*\} 0$/)).toBeDefined();
    expect(line(/^\w*inbox\w*\{.*context="payments".*\} 0$/)).toBeDefined();
    expect(line(/^\w*saga\w*\{.*state="completed".*\} [1-9]/)).toBeDefined();
    expect(line(/^\w*pool\w*\{.*orders.*\} /)).toBeDefined();
    expect(line(/^process_cpu|^nodejs_/)).toBeDefined();
    expect(metrics).not.toContain(ada.id); // labels are bounded
  });

  it('/docs is a page that a browser can run, from this server alone', async () => {
    const page = await shop.get('/docs');
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(page.text).not.toMatch(/src="https?:/);
    for (const file of [...page.text.matchAll(/(?:src|href)="\.?\/?([^"]+\.(?:js|css))"/g)].map(([, name]) => name!)) {
      expect((await shop.get(`/docs/${file.replace(/^docs\//, '')}`)).status).toBe(200);
    }
  });

  it('/docs-json describes all the routes that the shop promises', async () => {
    const document = await documentOf(shop);
    expect(document.openapi).toMatch(/^3\./);
    expect(operationsOf(document).map(String)).toEqual(
      expect.arrayContaining([
        'POST /api/v1/users',
        'POST /api/v1/auth/login',
        'POST /api/v1/auth/refresh',
        'POST /api/v1/auth/logout',
        'GET /api/v1/users/me',
        'GET /api/v1/products',
        'GET /api/v1/products/{sku}',
        'POST /api/v1/products',
        'PUT /api/v1/products/{sku}/price',
        'PUT /api/v1/inventory/{sku}',
        'GET /api/v1/inventory/{sku}',
        'POST /api/v1/orders',
        'GET /api/v1/orders',
        'GET /api/v1/orders/{id}',
        'GET /api/v1/orders/{id}/history',
        'POST /api/v1/orders/{id}/cancel',
        'GET /api/v1/payments',
      ]),
    );
  });

  it('/asyncapi.json describes all the messages', async () => {
    type AsyncApi = { asyncapi: string; channels: Record<string, { address: string }> };
    const { asyncapi, channels } = expecting(200, await shop.get<AsyncApi>('/asyncapi.json'));
    expect(asyncapi).toMatch(/^3\./);
    expect(channels['orders.order-placed.v1']?.address).toBe('evt.orders.order-placed.v1');
    expect(channels['inventory.reserve-stock.v1']?.address).toBe('cmd.{emitter}.inventory.reserve-stock.v1');
    expect(Object.keys(channels).length).toBeGreaterThan(25);
  });

  it.each(['/api/v1/products', '/api/v1/nothing', '/livez', '/api/v1/orders', '/docs'])(
    '%s carries the headers that protect',
    async (path) => {
      const { headers } = await shop.get(path);
      expect(headers.get('content-security-policy')).toBeTruthy();
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('x-frame-options') ?? headers.get('content-security-policy')).toMatch(
        /DENY|SAMEORIGIN|frame-ancestors/,
      );
      expect(headers.get('referrer-policy')).toBeTruthy();
      expect(headers.has('x-powered-by')).toBe(false);
      expect(headers.get('server')).toBeNull();
      expect(headers.get('access-control-allow-origin')).toBeNull();
      expect(headers.get('x-request-id')).toBeTruthy();
    },
  );

  it('a request id that is harmless is kept, any other is replaced', async () => {
    const sent = randomUUID();
    const kept = await shop.get('/api/v1/products', { headers: { 'x-request-id': sent } });
    expect(kept.headers.get('x-request-id')).toBe(sent);
    const odd = await shop.get('/api/v1/products', { headers: { 'x-request-id': '${jndi:ldap://x}' } });
    expect(odd.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('each problem is explained at its type', async () => {
    const answer = await shop.get('/api/v1/nothing-here');
    const { type } = expectProblem(answer, 404, 'not-found');
    for (const slug of [type, '/problems/idempotency-key-reused', '/problems/email-taken', '/problems/invalid-token']) {
      const page = await shop.get(slug);
      expect({ slug, status: page.status }).toEqual({ slug, status: 200 });
      expect(page.text.length).toBeGreaterThan(40);
    }
    expectProblem(await shop.get('/problems/never-heard-of'), 404);
  });

  it('a problem can be found in the log by its trace id', async () => {
    const ada = await shop.customer();
    const problem = expectProblem(await ada.get(`/api/v1/orders/${randomUUID()}`), 404);
    expect(problem.traceId).toMatch(/^[0-9a-f]{32}$/);
    // The line is written when the answer has been sent.
    await eventually(() => shop.logs().some((line) => line.includes(problem.traceId)), {
      what: 'its trace id in the log',
    });
  });

  it('every log line is one JSON object', () => {
    const lines = shop.logs().filter((line) => line.includes('"process":"'));
    expect(lines.length).toBeGreaterThan(10);
    for (const line of lines) {
      expect(JSON.parse(line)).toMatchObject({
        level: expect.any(String),
        time: expect.any(String),
        msg: expect.any(String),
      });
    }
  });

  it('a line break in a name does not become a line in the log', async () => {
    const evil = 'x\n{"level":"fatal","msg":"forged"}';
    const answer = await shop.get('/api/v1/products', { headers: { 'user-agent': 'a'.repeat(4_000) } });
    expect(answer.status).toBe(200);
    await shop.post('/api/v1/auth/login', { email: 'nobody@shoppers.example', password: evil });
    expect(shop.logs().filter((line) => line.startsWith('{"level":"fatal"'))).toEqual([]);
  });

  it('headers that are too large are refused', async () => {
    const answer = await shop.get('/api/v1/products', { headers: { 'x-large': 'a'.repeat(20_000) } });
    expect(answer.status).toBe(431);
  });
});
