import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { accessTokenKind } from './access-token.js';
import { internalTokenKind } from './internal-token.js';
import type { KeySource, VerificationKey } from './key-source.js';
import { maliciousTokens } from './malicious-tokens.fixture.js';
import { SigningKeys } from './signing-keys.js';
import { InvalidTokenError } from './token-kind.js';
import { TokenVerifier } from './token-verifier.js';

const listener = createServer((_, response) => response.end('{"keys":[]}'));
await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
const evil = `http://127.0.0.1:${(listener.address() as AddressInfo).port}/jwks.json`;
let hits = 0;
const now = Math.floor(Date.now() / 1_000);
listener.on('request', () => (hits += 1));

const user = { issuer: 'https://shop.test', audience: 'holdfast-edge' };
const inside = { issuer: 'holdfast-edge', audience: 'orders' };
const more = { txn: 't', act: { sub: inside.issuer } };
const [access, internal] = [accessTokenKind, internalTokenKind];
const { lifetimeSeconds } = internal;
const onUsers = await maliciousTokens({
  ...user,
  typ: access.typ,
  other: internal.typ,
  lifetimeSeconds: 600,
  now,
  evil,
});
const onContexts = await maliciousTokens({
  ...inside,
  typ: internal.typ,
  other: access.typ,
  lifetimeSeconds,
  more,
  now,
  evil,
});
const { signed } = onContexts;
Object.assign(onContexts.malicious, {
  'exp just past': signed({ iat: now - 60, exp: now }),
  'exp after ten minutes': signed({ exp: now + 600 }),
  'iss of users': signed({ iss: user.issuer }),
  'aud of the edge': signed({ aud: user.audience }),
  'aud of another context': signed({ aud: 'payments' }),
  'aud of several contexts': signed({ aud: ['orders', 'payments'] }),
  'act missing': signed({ act: undefined }),
  'act as text': signed({ act: inside.issuer }),
  'act of another context': signed({ act: { sub: 'payments' } }),
  'act with more than a name': signed({ act: { sub: inside.issuer, act: { sub: 'root' } } }),
  'txn missing': signed({ txn: undefined }),
  'txn as number': signed({ txn: 1 }),
});

afterAll(() => listener.close());

describe.each([
  ['an access token', access, user, onUsers],
  ['an internal token', internal, inside, onContexts],
])('the verifier of %s', (_what, kind, names, { malicious, valid, validES256, ours, ecKid, ecKey }) => {
  const asked: string[] = [];
  let verifier: TokenVerifier;

  beforeAll(async () => {
    const keys = await SigningKeys.from([ours]);
    const source: KeySource = {
      keyFor: async (kid): Promise<VerificationKey | undefined> => {
        asked.push(kid);
        return kid === ecKid ? ecKey : keys.keyFor(kid);
      },
    };
    verifier = new TokenVerifier({ kind, ...names, keys: source, clock: () => new Date(now * 1_000) });
  });

  it('accepts the tokens from which the malicious ones are made', async () => {
    await expect(verifier.verify(valid)).resolves.toMatchObject({ principal: { id: 'ada' } });
    await expect(verifier.verify(validES256)).resolves.toMatchObject({ principal: { id: 'ada' } });
  });

  it.each(Object.entries(malicious))('refuses: %s', async (_, token) => {
    await expect(verifier.verify(token as string)).rejects.toThrow(InvalidTokenError);
  });

  it('refuses a valid token with any one character changed', async () => {
    for (let at = 0; at < valid.length; at += 1) {
      const other = valid[at] === 'A' ? 'B' : 'A';
      const changed = valid.slice(0, at) + other + valid.slice(at + 1);
      await expect(verifier.verify(changed)).rejects.toThrow(InvalidTokenError);
    }
  });

  it('asks its key source for thumbprints only', () => {
    expect(asked.length).toBeGreaterThan(0);
    for (const kid of asked) expect(kid).toMatch(/^[\w-]{43}$/);
  });

  it('fetches nothing that a token points at', () => {
    expect(listener.listening).toBe(true);
    expect(hits).toBe(0);
  });

  it('has been shown at least a hundred of them', () => {
    expect(new Set(Object.values(malicious)).size).toBeGreaterThanOrEqual(100);
  });
});
