import { startToyApp, type ToyApp } from '../toy-app.fixture.js';

describe('headers', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp();
  });
  afterAll(() => toys.app.close());

  it('keeps a safe request id and replaces any other', async () => {
    expect((await toys.get('/api/v1/toys', { 'x-request-id': 'abc-1.2_3' })).headers['x-request-id']).toBe('abc-1.2_3');
    for (const bad of ['a'.repeat(65), 'a b', 'a"', '${jndi:x}', '']) {
      expect((await toys.get('/api/v1/toys', { 'x-request-id': bad })).headers['x-request-id']).toMatch(
        /^[0-9a-f-]{36}$/,
      );
    }
  });
  it('says what browsers may do', async () => {
    const { headers } = await toys.get('/api/v1/toys');
    expect(headers).toMatchObject({
      'content-security-policy': expect.stringContaining("default-src 'none'"),
      'x-frame-options': 'DENY',
      'cache-control': 'no-store',
      'strict-transport-security': expect.any(String),
    });
    expect(headers).not.toHaveProperty('x-powered-by');
    expect(headers).not.toHaveProperty('access-control-allow-origin');
    expect((await toys.get('/api/v1/toys/cached')).headers['cache-control']).toBe('max-age=60');
  });
});
