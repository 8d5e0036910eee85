import type { AddressInfo } from 'node:net';
import { talk } from '../talk.fixture.js';
import { expectProblem, id, startToyApp, type ToyApp } from '../toy-app.fixture.js';

describe('paths', () => {
  let toys: ToyApp;
  beforeAll(async () => {
    toys = await startToyApp();
    await toys.app.listen(0, '127.0.0.1');
  });
  afterAll(() => toys.app.close());

  /** Sends the path as it is; clients, `inject` too, would tidy it up. */
  const ask = (path: string): Promise<string> =>
    talk(
      (toys.app.getHttpServer().address() as AddressInfo).port,
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    );

  it('tells a wrong method from a wrong path', async () => {
    const wrong = await toys.app.inject({ method: 'DELETE', url: `/api/v1/toys/${id}` });
    expectProblem(wrong, 405, 'method-not-allowed');
    expect(wrong.headers.allow).toBe('GET, HEAD');
    const list = await toys.app.inject({
      method: 'PATCH',
      url: '/api/v1/toys',
      payload: '{',
      headers: { 'content-type': 'text/x' },
    });
    expectProblem(list, 405);
    expect(list.headers.allow).toBe('GET, HEAD, POST');
    expectProblem(await toys.app.inject({ method: 'PROPFIND' as 'GET', url: '/api/v1/toys' }), 405);
    expectProblem(await toys.app.inject({ method: 'OPTIONS', url: '/api/v1/toys' }), 405);
    expectProblem(await toys.get('/api/v1/nothing'), 404, 'not-found');
    expectProblem(await toys.post('{', {}, '/api/v1/nothing'), 404, 'not-found');
    expectProblem(await toys.get('/'), 404, 'not-found');
  });
  it.each([
    '//api/v1/toys',
    '/api//v1/toys',
    '/api/v1/toys//',
    '/api/./v1/toys',
    '/api/v1/../v1/toys',
    '/api/v1/%2e%2e/toys',
    '/api/v1/%2E/toys',
    '/api%2fv1/toys',
    '/api%2Fv1%2ftoys',
    '/api/v1%5ctoys',
    '/api/v1\\toys',
    '/api/v1/toys%00',
    '/api/v1/toys%252f',
    '/api/v1/toys;a=b',
    '/api/v1/toys%3ba',
    '/api/v1/toys%0d%0aX:1',
    '/api/v1/toys%7f',
    '/api/v1/toys?a=%00',
    '/api/v1/toys/%c0%af',
    '/api/v1/toys/%ff',
    '/api/v1/toys/%',
    '/api/v1/toys?a=%ff',
    '/api/v1/toys/..',
    `/${'a'.repeat(5_000)}`,
  ])('refuses %s', async (url) => {
    expect(await ask(url)).toMatch(/^HTTP\/1.1 400 [^]*"type":"\/problems\/invalid-path"/);
  });
  it.each([
    '/API/v1/toys',
    '/api/V1/toys',
    '/api/v1/toys/',
    '/api/v1/Toys',
    '/api/toys',
    '/toys',
    '/api/v1/toys.',
    '/api/v1/toys/%EF%BC%8F/x',
  ])('finds nothing at %s', async (url) => {
    expectProblem(await toys.get(url), 404);
  });
  it('keeps operations outside the prefix and without a version', async () => {
    expect((await toys.get('/ops/toys/1')).json()).toEqual({ id: '1' });
    expectProblem(await toys.get('/api/ops/toys/1'), 404);
    expectProblem(await toys.get('/v1/ops/toys/1'), 404);
  });
  it('routes escaped letters like the letters', async () => {
    expect((await toys.get('/api/v1/%74oys')).statusCode).toBe(200);
  });
  it('bounds a segment', async () => {
    expectProblem(await toys.get(`/api/v1/toys/${'a'.repeat(201)}`), 414, 'uri-too-long');
  });
});
