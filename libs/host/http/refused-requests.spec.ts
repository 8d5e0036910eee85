import { identityOf, observeHttp, type RequestLine } from '@holdfast/observability';
import type { FastifyRequest } from 'fastify';
import type { AddressInfo } from 'node:net';
import { FixedLimit } from './concurrency/fixed-limit.js';
import { talk } from './talk.fixture.js';
import { gate, startToyApp, type ToyApp } from './toy-app.fixture.js';

describe('a request that the edge refuses', () => {
  let toys: ToyApp;
  let port: number;
  let lines: RequestLine[];
  beforeEach(async () => {
    lines = [];
    toys = await startToyApp({
      limit: new FixedLimit(1),
      traceId: (request) => identityOf(request as FastifyRequest)?.traceId,
      observe: (fastify) => observeHttp(fastify, { log: (line) => lines.push(line) }),
    });
    await toys.app.listen(0, '127.0.0.1');
    port = (toys.app.getHttpServer().address() as AddressInfo).port;
  });
  afterEach(() => toys.app.close());

  const ended = () => lines.map(({ method, route, status }) => [method, route, status]);

  it('for load is logged and counted, and says under which trace; a probe meanwhile is not', async () => {
    gate.close();
    const inside = fetch(`http://127.0.0.1:${port}/api/v1/toys/slow`);
    await gate.someoneWaits();
    const refused = await fetch(`http://127.0.0.1:${port}/api/v1/toys`);
    const { traceId } = (await refused.json()) as { traceId: string };
    expect([refused.status, traceId]).toEqual([503, expect.stringMatching(/^[0-9a-f]{32}$/)]);
    expect((await fetch(`http://127.0.0.1:${port}/livez`)).status).toBe(200);
    expect(ended()).toEqual([['GET', '/api/v1/toys', 503]]);
    gate.open();
    await inside;
  });

  it.each([
    ['its target', 400, 'GET /api//v1/toys HTTP/1.1\r\n', 'unmatched'],
    ['what it expects', 417, 'GET /api/v1/toys HTTP/1.1\r\nExpect: miracles\r\n', '/api/v1/toys'],
  ])('for %s is logged and counted', async (_what, status, head, route) => {
    const answer = await talk(port, `${head}Host: a\r\nConnection: close\r\n\r\n`);
    expect(answer).toContain(`HTTP/1.1 ${status} `);
    expect(ended()).toEqual([['GET', route, status]]);
  });
});
