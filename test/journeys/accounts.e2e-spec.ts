import { randomUUID } from 'node:crypto';
import { type Answer, type Problem, expectProblem, expecting } from '../support/client.js';
import { eventually } from '../support/eventually.js';
import { keepsItsWord } from '../support/invariants.js';
import type { Shop } from '../support/shop.js';
import { topologies } from '../support/topology.js';
import { User } from '../support/user.js';
import type { Tokens } from '../support/views.js';

describe.each(topologies)('accounts and tokens (%s)', (topology) => {
  let shop: Shop;

  beforeAll(async () => {
    shop = await topology.start();
  }, 180_000);
  afterAll(() => shop[Symbol.asyncDispose]());
  keepsItsWord(() => shop, { traces: 0 });

  const me = (token: string) => shop.get<{ id: string }>('/api/v1/users/me', { token });
  const refresh = (refreshToken: string) => shop.post<Tokens & Problem>('/api/v1/auth/refresh', { refreshToken });
  const logOut = (refreshToken: string) => shop.post('/api/v1/auth/logout', { refreshToken });
  const tokensOf = (answer: Answer<Tokens>) => {
    const tokens = expecting(200, answer);
    shop.confidential.add(tokens.accessToken);
    shop.confidential.add(tokens.refreshToken);
    return tokens;
  };

  it('registers, logs in, knows who is there', async () => {
    const credentials = { email: `${randomUUID()}@shoppers.example`, password: 'a very secret pass phrase' };
    const registered = await shop.post('/api/v1/users', { ...credentials, name: 'Ada Lovelace' });
    expect(registered).toMatchObject({
      status: 201,
      body: { id: expect.any(String), email: credentials.email, name: 'Ada Lovelace' },
    });
    expect(registered.text).not.toContain('pass');
    const ada = await User.logIn(shop.url, credentials, shop.confidential);
    expect(ada.tokens).toEqual({
      accessToken: expect.stringMatching(/^eyJ/),
      refreshToken: expect.any(String),
      tokenType: 'Bearer',
      expiresIn: 600,
    });
    expect(await ada.get('/api/v1/users/me')).toMatchObject({
      status: 200,
      body: { id: ada.id, email: credentials.email, name: 'Ada Lovelace', roles: ['customer'] },
    });
  });

  it('has one account per address, whatever its case', async () => {
    const email = `${randomUUID()}@shoppers.example`;
    const body = { email, password: 'a very secret pass phrase', name: 'Ada' };
    const answers = await Promise.all(
      [body, body, { ...body, email: email.toUpperCase() }].map((one) => shop.post('/api/v1/users', one)),
    );
    const taken = answers.filter(({ status }) => status === 409);
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
    for (const answer of taken) expectProblem(answer, 409, 'email-taken');
    await User.logIn(shop.url, { email: email.toUpperCase(), password: body.password }, shop.confidential);
  });

  it('says the same to a wrong password and to an unknown address', async () => {
    const ada = await shop.customer();
    const wrong = await shop.post('/api/v1/auth/login', { ...ada.credentials, password: 'not the password' });
    const unknown = await shop.post('/api/v1/auth/login', { email: 'nobody@shoppers.example', password: 'anything' });
    for (const answer of [wrong, unknown]) expectProblem(answer, 401, 'wrong-credentials');
    expect({ ...wrong.body, traceId: '' }).toEqual({ ...unknown.body, traceId: '' });
    expect(wrong.text).not.toContain(ada.credentials.email);
  });

  it('gives a new refresh token for each old one', async () => {
    const ada = await shop.customer();
    let tokens: Tokens = ada.tokens;
    for (let round = 0; round < 3; round++) {
      const next = tokensOf(await refresh(tokens.refreshToken));
      expect(next.refreshToken).not.toBe(tokens.refreshToken);
      expect(expecting(200, await me(next.accessToken)).id).toBe(ada.id);
      tokens = next;
    }
  });

  it('ends the whole session when a refresh token comes a second time', async () => {
    const { tokens } = await shop.customer();
    const second = tokensOf(await refresh(tokens.refreshToken));
    expectProblem(await refresh(tokens.refreshToken), 401, 'session-over');
    expectProblem(await refresh(second.refreshToken), 401, 'session-over');
    for (const token of [tokens.accessToken, second.accessToken]) expectProblem(await me(token), 401);
  });

  it('lets one of many concurrent refreshes through at most, and then nobody', async () => {
    const { tokens } = await shop.customer();
    const answers = await Promise.all(Array.from({ length: 20 }, () => refresh(tokens.refreshToken)));
    const good = answers.filter(({ status }) => status === 200);
    expect(good.length).toBeLessThanOrEqual(1);
    expect(answers.every(({ status }) => [200, 401, 409].includes(status))).toBe(true);
    for (const answer of good) expectProblem(await refresh(tokensOf(answer).refreshToken), 401, 'session-over');
  });

  it('forgets a session on logout, and no other one', async () => {
    const ada = await shop.customer();
    const elsewhere = await User.logIn(shop.url, ada.credentials, shop.confidential);
    expect((await logOut(ada.tokens.refreshToken)).status).toBe(204);
    expectProblem(await me(ada.tokens.accessToken), 401);
    expectProblem(await refresh(ada.tokens.refreshToken), 401, 'session-over');
    expect((await me(elsewhere.tokens.accessToken)).status).toBe(200);
    expect((await logOut(ada.tokens.refreshToken)).status).toBe(204); // twice is fine
    expect((await logOut('not-a-token-of-ours')).status).toBe(204);
  });

  it('remembers a logout across a restart', async () => {
    const ada = await shop.customer();
    const other = await shop.customer();
    await logOut(ada.tokens.refreshToken);
    await shop.stop();
    await shop.restart();
    expectProblem(await me(ada.tokens.accessToken), 401);
    expect((await me(other.tokens.accessToken)).status).toBe(200);
    expect((await refresh(other.tokens.refreshToken)).status).toBe(200);
  });

  it('publishes the keys that verify its tokens, and only their public halves', async () => {
    const answer = await shop.get<{ keys: Record<string, string>[] }>('/.well-known/jwks.json');
    const { keys } = expecting(200, answer);
    const { accessToken } = (await shop.customer()).tokens;
    const [header, payload] = accessToken
      .split('.')
      .slice(0, 2)
      .map((part) => {
        return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
      });
    expect(header).toMatchObject({ typ: 'at+jwt', alg: 'EdDSA' });
    expect(keys.map(({ kid }) => kid)).toContain(header!.kid);
    expect(keys.every((key) => key.kty === 'OKP' && !('d' in key))).toBe(true);
    expect(Number(payload!.exp) - Number(payload!.iat)).toBe(600);
    expect(JSON.stringify(payload)).not.toMatch(/shoppers\.example|Grace/);
    expect(answer.headers.get('cache-control')).toContain('max-age');
  });

  it.each([
    ['cut', (token: string) => token.slice(0, -10)],
    ['with another signature', (token: string) => `${token.slice(0, -4)}AAAA`],
    ['with another payload', (token: string) => changedPayload(token, { roles: ['admin'] })],
    ['with a longer life', (token: string) => changedPayload(token, { exp: 4_102_444_800 })],
    ['unsigned', (token: string) => `${b64({ alg: 'none', typ: 'at+jwt' })}.${token.split('.')[1]}.`],
    ['twice', (token: string) => `${token}, Bearer ${token}`],
    ['refreshing, not accessing', (_token: string, tokens: Tokens) => tokens.refreshToken],
  ])('knows a token that is %s', async (_what, spoil) => {
    const { tokens } = await shop.customer();
    expectProblem(await me(spoil(tokens.accessToken, tokens)), 401);
  });

  it('takes a token from the header only', async () => {
    const { accessToken } = (await shop.customer()).tokens;
    expectProblem(await shop.get('/api/v1/users/me', { headers: { cookie: `access_token=${accessToken}` } }), 401);
    expect((await shop.get(`/api/v1/users/me?access_token=${accessToken}`)).status).toBeGreaterThanOrEqual(400);
  });

  it('still serves others while many passwords are checked', async () => {
    const ada = await shop.customer();
    const flood = Promise.all(
      Array.from({ length: 30 }, () => shop.post('/api/v1/auth/login', { ...ada.credentials, password: 'wrong one' })),
    );
    await eventually(async () => (await shop.get('/api/v1/products?limit=1')).status === 200, {
      what: 'an answer',
      withinMs: 1_000,
    });
    const answers = await flood;
    expect(answers.every(({ status }) => status === 401 || status === 503)).toBe(true);
    for (const answer of answers.filter(({ status }) => status === 503)) {
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
    }
  });
});

function b64(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function changedPayload(token: string, change: object): string {
  const [header, payload, signature] = token.split('.');
  const claims = JSON.parse(Buffer.from(payload!, 'base64url').toString()) as object;
  return [header, b64({ ...claims, ...change }), signature].join('.');
}
