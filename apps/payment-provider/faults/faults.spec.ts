import { eventually, startFixture } from '../provider.fixture.js';
import type { Fixture } from '../provider.fixture.js';

/** The same questions put to both providers, so that the tokens mean the same. */
const clients = {
  acme: (shop: Fixture, token: string) => ({
    authorise: () => {
      const body = { amount: 1234, currency: 'EUR', source: token, capture: false, reference: 'order-1' };
      return shop.acme('POST', '/charges', { key: 'key-1', body });
    },
    ask: () => shop.acme('GET', '/charges?idempotency_key=key-1'),
    accepted: 201,
  }),
  globex: (shop: Fixture, token: string) => ({
    authorise: () => {
      const fields = { merchantRef: 'key-1', orderRef: 'order-1', amount: '12.34', currency: 'EUR', cardToken: token };
      return shop.globex('POST', '/hold', { fields });
    },
    ask: () => shop.globex('GET', '/status?merchantRef=key-1'),
    accepted: 202,
  }),
};

describe.each(['acme', 'globex'] as const)('trouble with %s', (provider) => {
  let shop: Fixture;
  beforeEach(async () => void (shop = await startFixture()));
  afterEach(() => shop.stop());

  const client = (token = 'tok_ok') => clients[provider](shop, token);
  const entries = () => shop.ledger('order-1');

  it('tok_timeout_then_ok: hangs without doing anything, then works, also after a restart', async () => {
    const { authorise, ask, accepted } = client('tok_timeout_then_ok');
    const since = performance.now();
    await expect(authorise()).rejects.toThrow('fetch failed');
    expect(performance.now() - since).toBeGreaterThanOrEqual(95);
    expect((await ask()).status).toBe(404);
    await shop.restart();
    expect((await authorise()).status).toBe(accepted);
    expect(await entries()).toHaveLength(1);
  });

  it('tok_unknown_then_ok: loses the reply of what it did', async () => {
    const { authorise, ask, accepted } = client('tok_unknown_then_ok');
    await expect(authorise()).rejects.toThrow('fetch failed');
    expect((await ask()).status).toBe(200);
    expect([200, accepted]).toContain((await authorise()).status);
    expect(await entries()).toHaveLength(1);
    await eventually(() => shop.sink.received.length === 1);
  });

  it('tok_flaky: fails twice without doing anything, then works, also when restarted in between', async () => {
    const { authorise, ask, accepted } = client('tok_flaky');
    const first = await authorise();
    expect(first.status).toBe(provider === 'acme' ? 500 : 503);
    await shop.restart();
    const second = await authorise();
    expect(second.status).toBe(provider === 'acme' ? 503 : 200);
    expect((await ask()).status).toBe(404);
    expect((await authorise()).status).toBe(accepted);
    expect(await entries()).toHaveLength(1);
  });

  it.each([
    ['error500', 500],
    ['error503', 503],
    ['error429', 429],
    ['redirect', 302],
    ['html', 200],
  ] as const)('scripted %s does nothing', async (kind, status) => {
    await shop.script({ provider, operation: 'authorise', kind });
    expect((await client().authorise()).status).toBe(status);
    expect(await entries()).toEqual([]);
    await client().authorise();
    expect(await entries()).toHaveLength(1);
  });

  it.each(['hang', 'reset'] as const)('scripted %s does nothing and never answers', async (kind) => {
    await shop.script({ provider, operation: 'authorise', kind, delayMs: 50 });
    await expect(client().authorise()).rejects.toThrow('fetch failed');
    expect(await entries()).toEqual([]);
  });

  it('scripted lose-reply does it and never answers', async () => {
    await shop.script({ provider, operation: '*', kind: 'lose-reply' });
    await expect(client().authorise()).rejects.toThrow('fetch failed');
    expect(await entries()).toHaveLength(1);
  });

  it.each(['truncated-json', 'slow-body', 'huge-body', 'wrong-content-type', 'delay'] as const)(
    'scripted %s does it',
    async (kind) => {
      await shop.script({ provider, operation: 'authorise', kind, delayMs: 40 });
      const { status, text } = await client().authorise();
      expect(status).toBe(client().accepted);
      const whole = (await client().authorise()).text;
      if (kind === 'truncated-json') expect(text.length).toBeLessThan(whole.length * 0.6);
      if (kind === 'huge-body') expect(text).toHaveLength(10 * 1024 * 1024);
      expect(await entries()).toHaveLength(1);
    },
  );

  it('uses a fault as often as it was scripted, across a restart, and only for its operation', async () => {
    await shop.script({ provider, operation: 'authorise', kind: 'error500', times: 2 });
    expect((await client().ask()).status).toBe(404);
    expect((await client().authorise()).status).toBe(500);
    await shop.restart();
    expect((await client().authorise()).status).toBe(500);
    expect((await client().authorise()).status).toBe(client().accepted);
  });

  it('forgets scripted faults on demand', async () => {
    await shop.script({ provider, operation: '*', kind: 'error500', times: 9 });
    expect((await shop.control('DELETE', '/faults')).status).toBe(204);
    expect((await client().authorise()).status).toBe(client().accepted);
  });

  it('delivers a webhook again until it is accepted, with the same body, also after a restart', async () => {
    shop.sink.answerNext(500, 302);
    await client().authorise();
    await eventually(() => shop.sink.received.length >= 1);
    await shop.restart();
    const hooks = await eventually(() => shop.sink.received.length === 3 && shop.sink.received);
    expect(new Set(hooks.map(({ body }) => body)).size).toBe(1);
    await eventually(async () => (await shop.control('GET', '/health')).body.pendingWebhooks === 0);
    expect(shop.sink.received).toHaveLength(3);
  });

  it('scripted duplicate-webhook sends it twice', async () => {
    await shop.script({ provider, operation: 'authorise', kind: 'duplicate-webhook' });
    await client().authorise();
    const hooks = await eventually(() => shop.sink.received.length === 2 && shop.sink.received);
    expect(hooks[0].body).toBe(hooks[1].body);
  });

  it.each(['drop-webhook', 'delay-webhook'] as const)('scripted %s keeps it back', async (kind) => {
    await shop.script({ provider, operation: 'authorise', kind, delayMs: 300 });
    const since = performance.now();
    await client().authorise();
    await eventually(async () => {
      const { pendingOutcomes, pendingWebhooks } = (await shop.control('GET', '/health')).body;
      return pendingOutcomes + pendingWebhooks === 0;
    });
    expect(shop.sink.received).toHaveLength(kind === 'drop-webhook' ? 0 : 1);
    if (kind === 'delay-webhook') expect(performance.now() - since).toBeGreaterThanOrEqual(295);
  });
});

describe('a scripted redirect', () => {
  it('tells who followed it', async () => {
    const shop = await startFixture();
    await shop.script({ provider: 'acme', operation: 'ask', kind: 'redirect' });
    const { headers } = await shop.acme('GET', '/charges?idempotency_key=key-1');
    const followed = async () => (await shop.control('GET', '/health')).body.redirectsFollowed;
    expect(await followed()).toBe(0);
    await fetch(new URL(headers.get('location')!, shop.url));
    expect(await followed()).toBe(1);
    await shop.stop();
  });
});

describe('the control routes', () => {
  let shop: Fixture;
  afterEach(() => shop.stop());

  it('do not exist without the right key', async () => {
    shop = await startFixture();
    for (const key of ['', 'wrong']) {
      for (const [method, path] of [
        ['GET', '/health'],
        ['GET', '/ledger'],
        ['DELETE', '/faults'],
      ]) {
        expect((await shop.control(method, path, undefined, { 'x-control-key': key })).status).toBe(404);
      }
    }
  });

  it('do not exist when no key was configured', async () => {
    shop = await startFixture({ controlKey: undefined });
    expect((await shop.control('GET', '/health')).status).toBe(404);
    expect((await fetch(`${shop.url}/readyz`)).status).toBe(200);
  });

  it('refuse a fault nobody knows', async () => {
    shop = await startFixture();
    expect(
      (await shop.control('POST', '/faults', { provider: 'acme', operation: 'authorise', kind: 'fire' })).status,
    ).toBe(400);
  });
});
