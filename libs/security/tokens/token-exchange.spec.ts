import { AccessTokenIssuer } from './access-token-issuer.js';
import { edgeRole, internalTokenKind } from './internal-token.js';
import { generateSigningKey, SigningKeys } from './signing-keys.js';
import { TokenExchange } from './token-exchange.js';
import { InvalidTokenError } from './token-kind.js';
import { TokenVerifier } from './token-verifier.js';

const start = new Date('2026-11-20T10:00:00Z');
const ada = { id: 'ada', roles: ['customer', edgeRole], sessionId: 'session-1' };
const payload = (text: string) => JSON.parse(Buffer.from(text.split('.')[1]!, 'base64url').toString());
const header = (text: string) => JSON.parse(Buffer.from(text.split('.')[0]!, 'base64url').toString());

/** Users, an edge and the contexts `orders` and `payments` under one clock. */
async function shop() {
  const time = { now: start };
  const clock = () => time.now;
  const after = (seconds: number) => (time.now = new Date(+start + seconds * 1_000));
  const userKeys = await SigningKeys.from([await generateSigningKey()]);
  const keys = await SigningKeys.from([await generateSigningKey()]);
  const names = { issuer: 'https://shop.test', audience: 'the-edge' };
  const ended = new Set<string>();
  const isRevoked = ({ principal }: { principal: { sessionId?: string } }) => ended.has(principal.sessionId!);
  const users = new TokenVerifier({ ...names, keys: userKeys, clock, isRevoked });
  const exchange = new TokenExchange({ users, issuer: 'the-edge', keys, clock });
  const inside = (audience: string) =>
    new TokenVerifier({ kind: internalTokenKind, issuer: 'the-edge', audience, keys, clock });
  const { accessToken } = await new AccessTokenIssuer({ ...names, keys: userKeys, clock }).issue(ada);
  return { exchange, users, orders: inside('orders'), payments: inside('payments'), accessToken, ended, after };
}

describe('the exchange', () => {
  it('gives a token for one audience, in which the edge acts for the user', async () => {
    const { exchange, accessToken } = await shop();
    const text = await exchange.exchange(accessToken, 'orders');
    expect(header(text)).toEqual({ alg: 'EdDSA', typ: 'internal+jwt', kid: expect.stringMatching(/^[\w-]{43}$/) });
    expect(payload(text)).toEqual({
      iss: 'the-edge',
      aud: 'orders',
      sub: 'ada',
      roles: ['customer'], // the role of the edge is nobody else's
      sid: 'session-1',
      act: { sub: 'the-edge' },
      txn: payload(accessToken).jti,
      jti: expect.any(String),
      iat: +start / 1_000,
      exp: +start / 1_000 + 60,
    });
  });

  it('is understood by that audience alone', async () => {
    const { exchange, accessToken, users, orders, payments } = await shop();
    const text = await exchange.exchange(accessToken, 'orders');
    const principal = { id: 'ada', roles: ['customer'], sessionId: 'session-1' };
    expect(await orders.verify(text)).toMatchObject({ principal, audience: 'orders' });
    await expect(payments.verify(text)).rejects.toThrow(InvalidTokenError);
    await expect(users.verify(text)).rejects.toThrow(InvalidTokenError);
    await expect(orders.verify(accessToken)).rejects.toThrow(InvalidTokenError);
  });

  it('keeps one token per user and audience for half a minute', async () => {
    const { exchange, accessToken, after } = await shop();
    const first = await exchange.exchange(accessToken, 'orders');
    const atOnce = await Promise.all([1, 2, 3].map(() => exchange.exchange(accessToken, 'payments')));
    expect(new Set(atOnce).size).toBe(1);
    after(29);
    expect(await exchange.exchange(accessToken, 'orders')).toBe(first);
    after(30);
    const second = await exchange.exchange(accessToken, 'orders');
    expect(payload(second).iat).toBe(payload(first).iat + 30);
    after(-30); // the clock was set back: what was made in the future would be refused
    expect(payload(await exchange.exchange(accessToken, 'orders')).iat).toBe(+start / 1_000 - 30);
  });

  it('gives nothing for a session that ended, whatever it gave before', async () => {
    const { exchange, accessToken, ended } = await shop();
    await exchange.exchange(accessToken, 'orders');
    ended.add('session-1');
    await expect(exchange.exchange(accessToken, 'orders')).rejects.toMatchObject({ reason: 'revoked' });
    await expect(exchange.exchange(`${accessToken}x`, 'orders')).rejects.toThrow(InvalidTokenError);
  });

  it('lets a token live for 60 seconds to the second, and be early by the leeway', async () => {
    const { exchange, accessToken, orders, after } = await shop();
    const text = await exchange.exchange(accessToken, 'orders');
    for (const seconds of [-30, 0, 59]) {
      after(seconds);
      await expect(orders.verify(text)).resolves.toBeDefined();
    }
    for (const seconds of [-31, 60, 61]) {
      after(seconds);
      orders.forget();
      await expect(orders.verify(text)).rejects.toThrow(InvalidTokenError);
    }
  });

  it('speaks for the edge itself when asked to', async () => {
    const { exchange, orders } = await shop();
    const { principal } = await orders.verify(await exchange.own('orders'));
    expect(principal).toEqual({ id: 'the-edge', roles: [edgeRole] });
  });
});
