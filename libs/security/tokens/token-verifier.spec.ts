import { exportJWK, generateKeyPair } from 'jose';
import { AccessTokenIssuer } from './access-token-issuer.js';
import { TokenVerifier } from './token-verifier.js';
import type { TokenVerifierOptions } from './token-verifier.js';
import { InvalidTokenError } from './token-kind.js';
import { KeysUnavailableError } from './key-source.js';
import type { KeySource } from './key-source.js';
import { generateSigningKey, SigningKeys } from './signing-keys.js';

const issuer = 'https://shop.test';
const audience = 'holdfast-edge';
const start = new Date('2026-11-20T10:00:00Z');
const ada = { id: 'ada', roles: ['admin'], sessionId: 'session-1' };

/** An issuer and a verifier under one clock, counting how often the keys are asked for. */
async function shop(options: Partial<TokenVerifierOptions> = {}) {
  const keys = await SigningKeys.from([await generateSigningKey()]);
  const time = { now: start };
  const clock = () => time.now;
  const asked: string[] = [];
  const source: KeySource = {
    keyFor: async (kid) => {
      asked.push(kid);
      return keys.keyFor(kid);
    },
  };
  const tokens = new AccessTokenIssuer({ issuer, audience, keys, clock });
  const verifier = new TokenVerifier({ issuer, audience, keys: source, clock, ...options });
  return { tokens, verifier, asked, after: (seconds: number) => (time.now = new Date(+start + seconds * 1000)) };
}

const part = (text: string, at: number) => JSON.parse(Buffer.from(text.split('.')[at], 'base64url').toString());

describe('an access token', () => {
  it('has the header and the claims of RFC 9068', async () => {
    const { tokens } = await shop();
    const { accessToken, tokenType, expiresIn, tokenId } = await tokens.issue(ada);
    expect(part(accessToken, 0)).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) });
    const iat = +start / 1000;
    expect(part(accessToken, 1)).toEqual({
      iss: issuer,
      aud: audience,
      sub: 'ada',
      roles: ['admin'],
      sid: 'session-1',
      jti: tokenId,
      iat,
      exp: iat + 600,
    });
    expect({ tokenType, expiresIn }).toEqual({ tokenType: 'Bearer', expiresIn: 600 });
  });

  it('gives the principal back, frozen', async () => {
    const { tokens, verifier } = await shop();
    const { principal } = await verifier.verify((await tokens.issue(ada)).accessToken);
    expect(principal).toEqual(ada);
    expect(() => (principal.roles as string[]).push('operator')).toThrow(TypeError);
  });

  it('needs neither session nor roles', async () => {
    const { tokens, verifier } = await shop();
    const { accessToken } = await tokens.issue({ id: 'bob', roles: [] });
    expect((await verifier.verify(accessToken)).principal).toEqual({ id: 'bob', roles: [] });
  });

  it('is not issued when nobody could read it', async () => {
    const { tokens } = await shop();
    await expect(tokens.issue({ id: '', roles: [] })).rejects.toThrow(TypeError);
    await expect(tokens.issue({ id: 'a', roles: Array(33).fill('x') })).rejects.toThrow(TypeError);
    await expect(tokens.issue({ id: 'a', roles: [], sessionId: '' })).rejects.toThrow(TypeError);
  });

  it('with the largest principal is still short enough', async () => {
    const { tokens, verifier } = await shop();
    const roles = Array.from({ length: 32 }, () => 'r'.repeat(64));
    const { accessToken } = await tokens.issue({ id: 'a'.repeat(128), roles, sessionId: 's'.repeat(128) });
    await expect(verifier.verify(accessToken)).resolves.toMatchObject({ principal: { roles } });
  });

  it('lives 10 minutes and the leeway, not longer', async () => {
    const { tokens, verifier, after } = await shop();
    const { accessToken } = await tokens.issue(ada);
    for (const seconds of [0, 599, 600, 629]) {
      after(seconds);
      await expect(verifier.verify(accessToken)).resolves.toBeDefined();
    }
    after(630);
    await expect(verifier.verify(accessToken)).rejects.toThrow(InvalidTokenError);
  });

  it('from the near future is accepted within the leeway', async () => {
    const { tokens, verifier, after } = await shop();
    const { accessToken } = await tokens.issue(ada);
    after(-31);
    await expect(verifier.verify(accessToken)).rejects.toThrow(InvalidTokenError);
    after(-30);
    await expect(verifier.verify(accessToken)).resolves.toBeDefined();
  });

  it('is verified once and remembered until it expires', async () => {
    const { tokens, verifier, asked, after } = await shop();
    const { accessToken } = await tokens.issue(ada);
    const first = await verifier.verify(accessToken);
    expect(await verifier.verify(accessToken)).toBe(first);
    after(599);
    expect(await verifier.verify(accessToken)).toBe(first);
    expect(asked).toHaveLength(1);
    after(601);
    await verifier.verify(accessToken);
    await verifier.verify(accessToken);
    expect(asked).toHaveLength(3);
  });

  it('is verified again after forget()', async () => {
    const { tokens, verifier, asked } = await shop();
    const { accessToken } = await tokens.issue(ada);
    await verifier.verify(accessToken);
    verifier.forget();
    await verifier.verify(accessToken);
    expect(asked).toHaveLength(2);
  });

  it('is not remembered when it was refused', async () => {
    const { tokens, verifier, asked } = await shop();
    const { accessToken } = await tokens.issue(ada);
    const forged = accessToken.slice(0, -86) + (await tokens.issue(ada)).accessToken.slice(-86);
    await expect(verifier.verify(forged)).rejects.toThrow(InvalidTokenError);
    await expect(verifier.verify(forged)).rejects.toThrow(InvalidTokenError);
    expect(asked).toHaveLength(2);
  });

  it('of a revoked session is refused, even when remembered', async () => {
    const revoked = new Set<string>();
    const { tokens, verifier } = await shop({ isRevoked: ({ principal }) => revoked.has(principal.sessionId!) });
    const { accessToken } = await tokens.issue(ada);
    await verifier.verify(accessToken);
    revoked.add('session-1');
    await expect(verifier.verify(accessToken)).rejects.toMatchObject({ reason: 'revoked' });
  });

  it('signed by the previous key is still accepted', async () => {
    const [fresh, old] = [await generateSigningKey(), await generateSigningKey()];
    const before = new AccessTokenIssuer({ issuer, audience, keys: await SigningKeys.from([old]) });
    const verifier = new TokenVerifier({ issuer, audience, keys: await SigningKeys.from([fresh, old]) });
    await expect(verifier.verify((await before.issue(ada)).accessToken)).resolves.toBeDefined();
  });

  it('is neither valid nor invalid while the keys cannot be read', async () => {
    const keys: KeySource = { keyFor: () => Promise.reject(new KeysUnavailableError()) };
    const { tokens, verifier } = await shop({ keys });
    await expect(verifier.verify((await tokens.issue(ada)).accessToken)).rejects.toThrow(KeysUnavailableError);
  });
});

describe('an ES256 key', () => {
  it('verifies tokens of another implementation of the issuer', async () => {
    const { SignJWT } = await import('jose');
    const { verificationKey } = await import('./key-source.js');
    const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true });
    const key = (await verificationKey(await exportJWK(publicKey)))!;
    const verifier = new TokenVerifier({ issuer, audience, keys: { keyFor: async () => key } });
    const text = await new SignJWT({ roles: [] })
      .setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid: key.kid })
      .setIssuer(issuer)
      .setAudience(audience)
      .setSubject('ada')
      .setJti('1')
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey);
    expect((await verifier.verify(text)).principal.id).toBe('ada');
  });
});

describe('settings that would weaken the checks', () => {
  it('are refused', async () => {
    const keys = await SigningKeys.from([await generateSigningKey()]);
    const verifier = (change: object) => () => new TokenVerifier({ issuer, audience, keys, ...change });
    expect(verifier({ leewaySeconds: 31 })).toThrow(RangeError);
    expect(verifier({ leewaySeconds: NaN })).toThrow(RangeError);
    expect(verifier({ issuer: '' })).toThrow(TypeError);
    expect(verifier({ audience: '' })).toThrow(TypeError);
    for (const lifetimeSeconds of [0, 601, 1.5]) {
      expect(() => new AccessTokenIssuer({ issuer, audience, keys, lifetimeSeconds })).toThrow(RangeError);
    }
  });
});
