import { createHmac, createPrivateKey, createPublicKey, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { Client, expecting, expectProblem } from '../support/client.js';
import { EDGE, Forge } from '../support/forge.js';
import { Peer } from '../support/peer.js';
import type { Shop } from '../support/shop.js';
import { processesBehind } from '../support/supervised.js';
import type { User } from '../support/user.js';

/** A route of each context that nobody may call anonymously. */
const GUARDED: Record<string, { method: string; route: string }> = {
  users: { method: 'GET', route: '/api/v1/users/me' },
  catalog: { method: 'POST', route: '/api/v1/products' },
  inventory: { method: 'PUT', route: '/api/v1/inventory/TEA-001' },
  orders: { method: 'GET', route: '/api/v1/orders' },
  payments: { method: 'GET', route: `/api/v1/payments?orderId=${randomUUID()}` },
  shipping: { method: 'GET', route: `/api/v1/shipments?orderId=${randomUUID()}` },
};

interface TokenFacts {
  keys: unknown[];
  endedSessions: string[];
}

/** Who calls, as the processes behind a gateway are told it: tests of a shop with a gateway, whoever lives where behind it. */
export function internalIdentity(start: () => Promise<Shop>): void {
  describe('who calls, behind a gateway', () => {
    let shop: Shop;
    let ada: User;
    let peer: Peer; // with the gateway's certificate, so that it is the token that is judged
    let targets: Record<string, string[]>;

    beforeAll(async () => {
      shop = await start();
      ada = await shop.customer();
      const { certificates, targets: places } = processesBehind(shop.url);
      peer = new Peer(certificates!.pathsOf('gateway'));
      targets = places;
    }, 180_000);
    afterAll(async () => {
      await peer?.close();
      await shop?.[Symbol.asyncDispose]();
    });

    const context = (name: string) => new Client(targets[name]![0]!, undefined, peer.fetch);
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
      const [url] = targets.payments!;
      for (const audience of [...Object.keys(targets), EDGE]) {
        const token = await forge.sign({ aud: audience });
        const { status } = await context('payments').get('/ops/backlog', { token });
        expect({ audience, status }).toEqual({ audience, status: targets[audience]?.includes(url!) ? 200 : 401 });
      }
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
      const ask = (token?: string) =>
        context('users').get<TokenFacts>('/internal/token-facts?withinSeconds=600', { ...(token && { token }) });
      const forge = await gateway();
      expectProblem(await ask(), 401);
      expectProblem(await ask(ada.tokens.accessToken), 401);
      expectProblem(await ask(await forge.sign({ aud: 'users' })), 403);
      const facts = async () => expecting(200, await ask(await forge.sign({ aud: 'users', roles: ['edge'] })));
      const before = await facts();
      expect(before.keys).not.toEqual([]);
      const bob = await shop.customer();
      expect((await shop.post('/api/v1/auth/logout', { refreshToken: bob.tokens.refreshToken })).status).toBe(204);
      const { endedSessions } = await facts();
      expect(endedSessions.filter((one) => !before.endedSessions.includes(one))).toHaveLength(1);
    });
  });
}

const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
