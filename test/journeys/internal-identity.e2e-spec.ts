import { calculateJwkThumbprint, exportJWK, generateKeyPair, SignJWT, type CryptoKey } from 'jose';
import { createHmac, createPrivateKey, createPublicKey, randomUUID, type KeyObject } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Client, expecting, expectProblem } from '../support/client.js';
import { Peer } from '../support/peer.js';
import { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';
import { monolith, topologyOf } from '../support/topology.js';
import type { User } from '../support/user.js';

const folder = mkdtempSync(path.join(os.tmpdir(), 'holdfast-identity-'));
const file = path.join(folder, 'gateway-and-groups.yaml');
writeFileSync(
  file,
  `name: gateway-and-groups
processes:
  - { name: gateway, app: gateway }
  - { name: near, contexts: [users, catalog, inventory, orders] }
  - { name: payments, contexts: [payments] }
  - { name: far, contexts: [shipping, notifications, checkout] }
`,
);
afterAll(() => rmSync(folder, { recursive: true }));

const EDGE = 'holdfast-edge';
/** A route of each context that nobody may call anonymously. */
const GUARDED: Record<string, { method: string; route: string }> = {
  users: { method: 'GET', route: '/api/v1/users/me' },
  catalog: { method: 'POST', route: '/api/v1/products' },
  inventory: { method: 'PUT', route: '/api/v1/inventory/TEA-001' },
  orders: { method: 'GET', route: '/api/v1/orders' },
  payments: { method: 'GET', route: `/api/v1/payments?orderId=${randomUUID()}` },
  shipping: { method: 'GET', route: `/api/v1/shipments?orderId=${randomUUID()}` },
};

type Claims = Record<string, unknown>;

/** What somebody with the gateway's key, or another, can make. */
class Forge {
  private constructor(
    private readonly key: CryptoKey | KeyObject,
    readonly kid: string,
  ) {}

  static async of(key: KeyObject): Promise<Forge> {
    return new Forge(key, await calculateJwkThumbprint(await exportJWK(createPublicKey(key))));
  }

  static async stranger(): Promise<Forge> {
    const { publicKey, privateKey } = await generateKeyPair('EdDSA', { crv: 'Ed25519' });
    return new Forge(privateKey, await calculateJwkThumbprint(await exportJWK(publicKey)));
  }

  claims(change: Claims = {}): Claims {
    const iat = Math.floor(Date.now() / 1_000);
    const identity = { sub: randomUUID(), roles: ['customer', 'admin', 'operator'], act: { sub: EDGE } };
    return { iss: EDGE, aud: 'orders', ...identity, txn: 't', jti: 'j', iat, exp: iat + 60, ...change };
  }

  sign(change: Claims = {}, header: Claims = {}): Promise<string> {
    const head = { alg: 'EdDSA', typ: 'internal+jwt', kid: this.kid, ...header };
    return new SignJWT(this.claims(change)).setProtectedHeader(head).sign(this.key);
  }
}

describe.each([
  ['one process', () => Shop.start(monolith, {})],
  ['a gateway before groups of contexts', () => topologyOf('gateway-and-groups', file).start()],
])('who calls, at the edge of %s', (name, start) => {
  let shop: Shop;
  let ada: User;

  beforeAll(async () => {
    shop = await start();
    ada = await shop.customer();
  }, 180_000);
  afterAll(() => shop?.[Symbol.asyncDispose]());

  const everywhere = ['/api/v1/users/me', '/api/v1/orders', GUARDED.payments!.route, GUARDED.shipping!.route];
  const isKnown = async (user: User, route: string) => [200, 404].includes((await user.get(route)).status);

  it('is known to every context, each in its own way', async () => {
    const { id } = await ada.placeOrder({});
    await shop.quiet();
    expect(await ada.order(id)).toMatchObject({ status: 'completed' });
    for (const route of everywhere) expect(await isKnown(ada, route)).toBe(true);
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
    for (const route of everywhere) expect(await isKnown(bob, route)).toBe(true);
    const answer = await shop.post('/api/v1/auth/logout', { refreshToken: bob.tokens.refreshToken });
    expect(answer.status).toBe(204);
    expect([...answer.headers.keys()].filter((name) => name.startsWith('x-holdfast'))).toEqual([]);
    for (const route of everywhere) expectProblem(await bob.get(route), 401, 'invalid-token');
    expect((await ada.get('/api/v1/orders')).status).toBe(200);
    expect((await bob.get('/api/v1/products/TEA-001')).status).toBe(200); // open to all, so to former customers
  });

  it('may not ask about tokens', async () => {
    expectProblem(await ada.get('/internal/token-facts?withinSeconds=60'), 404);
  });

  if (name === 'one process') return;

  // The gateway's certificate, so that it is the token that is judged.
  let peer: Peer;
  beforeAll(() => void (peer = new Peer(processesBehind(shop.url).certificates!.pathsOf('gateway'))));
  afterAll(() => peer.close());
  const context = (name: string) => new Client(processesBehind(shop.url).targets[name]![0]!, undefined, peer.fetch);
  const ask = (name: string, token?: string) => {
    const { method, route } = GUARDED[name]!;
    return context(name).request(method, route, { ...(token && { token }), ...(method !== 'GET' && { body: {} }) });
  };
  const pem = () => createPrivateKey(readFileSync(path.join(shop.env.DATA_DIR!, 'secrets', 'internal-token.pem')));
  const gateway = () => Forge.of(pem());

  it('accepts an internal token at the context it was made for, and nowhere else', async () => {
    const forge = await gateway();
    const audiences = [...Object.keys(GUARDED), 'notifications', 'checkout', EDGE];
    for (const audience of audiences) {
      const token = await forge.sign({ aud: audience });
      for (const name of Object.keys(GUARDED)) {
        const { status } = await ask(name, token);
        expect({ audience, name, accepted: status !== 401 }).toEqual({ audience, name, accepted: audience === name });
      }
      expectProblem(await shop.get('/api/v1/orders', { token }), 401, 'invalid-token'); // the edge takes none
    }
  });

  it('lets operators into a process with a token for any context of it, and for no other', async () => {
    const forge = await gateway();
    const backlog = async (aud: string) =>
      (await context('payments').get('/ops/backlog', { token: await forge.sign({ aud }) })).status;
    expect(await backlog('payments')).toBe(200);
    expect(await backlog('orders')).toBe(401);
  });

  it('refuses a token of a user, who is to come through the gateway', async () => {
    for (const name of Object.keys(GUARDED))
      expectProblem(await ask(name, ada.tokens.accessToken), 401, 'invalid-token');
  });

  it('refuses every token that is not as it must be, with the same words', async () => {
    const [forge, stranger] = [await gateway(), await Forge.stranger()];
    const now = Math.floor(Date.now() / 1_000);
    const valid = await forge.sign();
    expect((await ask('orders', valid)).status).toBe(200);
    const [head, body, signature] = valid.split('.') as [string, string, string];
    const spki = createPublicKey(pem()).export({ type: 'spki', format: 'pem' });
    const hs256 = `${b64({ alg: 'HS256', typ: 'internal+jwt', kid: forge.kid })}.${body}`;
    const bad: Record<string, string> = {
      expired: await forge.sign({ iat: now - 61, exp: now - 1 }),
      'from the future': await forge.sign({ iat: now + 120, exp: now + 180 }),
      'too long alive': await forge.sign({ exp: now + 600 }),
      'of a user by type': await forge.sign({}, { typ: 'at+jwt' }),
      'of no type in particular': await forge.sign({}, { typ: 'JWT' }),
      'by another issuer': await forge.sign({ iss: 'https://holdfast.local' }),
      'with nobody acting': await forge.sign({ act: undefined }),
      'with somebody else acting': await forge.sign({ act: { sub: 'orders' } }),
      'of no transaction': await forge.sign({ txn: undefined }),
      'for several audiences': await forge.sign({ aud: ['orders', 'payments'] }),
      'by a stranger': await stranger.sign(),
      'by a stranger under our name': await stranger.sign({}, { kid: forge.kid }),
      unsigned: `${b64({ alg: 'none', typ: 'internal+jwt', kid: forge.kid })}.${body}.`,
      'signed with the public key': `${hs256}.${createHmac('sha256', spki).update(hs256).digest('base64url')}`,
      tampered: `${head}.${b64(forge.claims({ sub: 'root' }))}.${signature}`,
    };
    for (const [what, token] of Object.entries(bad)) {
      const { status, text } = await ask('orders', token);
      expect({ what, status, said: text.includes('/problems/invalid-token') }).toEqual({
        what,
        status: 401,
        said: true,
      });
    }
  });

  it('tells about tokens only to a gateway', async () => {
    const facts = (token?: string) =>
      context('users').get<{ keys: unknown[]; endedSessions: string[] }>('/internal/token-facts?withinSeconds=600', {
        ...(token && { token }),
      });
    const forge = await gateway();
    expectProblem(await facts(), 401);
    expectProblem(await facts(ada.tokens.accessToken), 401);
    expectProblem(await facts(await forge.sign({ aud: 'users' })), 403);
    const { keys, endedSessions } = expecting(200, await facts(await forge.sign({ aud: 'users', roles: ['edge'] })));
    expect([keys.length, endedSessions.length]).toEqual([expect.any(Number), 1]); // the one that logged out
  });

  it('leaves the private key with the gateway', () => {
    for (const { name, pid } of processesBehind(shop.url).processes) {
      const environment = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
      const holds = environment.some((one) => /^INTERNAL_TOKEN_KEY(_FILE)?=./.test(one));
      expect({ name, holds }).toEqual({ name, holds: name === 'gateway' });
    }
  });
});

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
