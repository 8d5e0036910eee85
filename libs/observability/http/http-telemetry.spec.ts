import Fastify, { type FastifyInstance } from 'fastify';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { currentCorrelation } from '../logging/correlation.js';
import { renderMetrics } from '../metrics/render-metrics.js';
import { startTracing, type Tracing } from '../tracing/start-tracing.js';
import { currentTraceId } from '../tracing/traceparent.js';
import { identityOf, observeHttp, type RequestLine } from './http-telemetry.js';

const TRACEPARENT = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

describe('observeHttp', () => {
  let tracing: Tracing;
  let fastify: FastifyInstance;
  let lines: (RequestLine & { trace?: string; correlation?: string })[];

  beforeEach(async () => {
    tracing = startTracing({ serviceName: 'test' });
    lines = [];
    fastify = Fastify();
    observeHttp(fastify, {
      log: (line) => lines.push({ ...line, trace: currentTraceId(), correlation: currentCorrelation()?.correlationId }),
      userIdOf: (request) => request.headers['x-user'] as string,
    });
    fastify.get('/orders/:id', async () => ({ trace: currentTraceId(), correlation: currentCorrelation() }));
    fastify.post('/orders', async () => {
      await delay(1);
      return { trace: currentTraceId(), correlation: currentCorrelation() };
    });
    fastify.get('/broken', async (_request, reply) => reply.code(500).send('broken'));
    fastify.get('/slow', async () => delay(60_000, 'late', { ref: false }));
    fastify.get('/readyz', async () => ({}));
    fastify.setErrorHandler((_error, request, reply) => reply.code(400).send(identityOf(request)));
    await fastify.listen({ port: 0, host: '127.0.0.1' });
  });
  afterEach(async () => {
    await fastify.close();
    await tracing.shutdown();
  });

  const url = () => `http://127.0.0.1:${(fastify.server.address() as AddressInfo).port}`;

  it('writes the template, never address or query, with user, trace and correlation', async () => {
    const headers = { traceparent: TRACEPARENT, 'x-correlation-id': 'story-1', 'x-user': 'u1' };
    const answer = await fetch(`${url()}/orders/42?email=ada@example.org`, { headers });
    const body = (await answer.json()) as { trace: string };
    expect(body).toEqual({ trace: TRACEPARENT.slice(3, 35), correlation: { correlationId: 'story-1' } });
    expect(answer.headers.get('x-correlation-id')).toBe('story-1');
    await until(() => lines.length === 1);
    expect(lines[0]).toMatchObject({ method: 'GET', route: '/orders/:id', status: 200, userId: 'u1' });
    expect(lines[0]).toMatchObject({ trace: TRACEPARENT.slice(3, 35), correlation: 'story-1' });
    expect(JSON.stringify(lines)).not.toMatch(/ada|42\b/);
    expect(tracing.recent.trace(body.trace)).toMatchObject([
      { name: 'GET /orders/:id', kind: 'server', attributes: { 'http.response.status_code': 200 } },
    ]);
  });

  it.each([
    [false, 1],
    [true, 0],
  ])('lets callers decide what is recorded only when they are trusted: %s', async (trustCallers, recorded) => {
    const inside = Fastify();
    observeHttp(inside, { log: () => {}, trustCallers });
    inside.get('/', async () => ({}));
    const trace = TRACEPARENT.slice(3, 35);
    await inside.inject({ url: '/', headers: { traceparent: `${TRACEPARENT.slice(0, -2)}00` } });
    await inside.close();
    expect(tracing.recent.trace(trace)).toHaveLength(recorded);
  });

  it('keeps trace and correlation after a body that came in pieces', async () => {
    const { port } = fastify.server.address() as AddressInfo;
    const socket = connect(port, '127.0.0.1');
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk));
    const head = 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 7\r\n';
    socket.write(`${head}traceparent: ${TRACEPARENT}\r\nx-correlation-id: story-2\r\n\r\n{"a"`);
    await delay(20);
    socket.write(':1}');
    await until(() => answer.includes('story-2"}}'));
    expect(answer).toContain(`{"trace":"${TRACEPARENT.slice(3, 35)}","correlation":{"correlationId":"story-2"}}`);
    socket.destroy();
  });

  it('gives a correlation of its own instead of one that could forge a record', async () => {
    const answer = await fetch(`${url()}/orders/1`, { headers: { 'x-correlation-id': 'a b"{}' } });
    expect(answer.headers.get('x-correlation-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  it('lets error handlers name the trace after a broken body', async () => {
    const headers = { 'content-type': 'application/json', traceparent: TRACEPARENT };
    const answer = await fetch(`${url()}/orders`, { method: 'POST', headers, body: '{"a"' });
    expect(await answer.json()).toMatchObject({ traceId: TRACEPARENT.slice(3, 35) });
  });

  it('marks a failure, and knows what matched nothing', async () => {
    await fetch(`${url()}/broken`, { headers: { traceparent: TRACEPARENT } });
    await fetch(`${url()}/secret/ada@example.org`);
    await until(() => lines.length === 2);
    expect(lines.map(({ route, status }) => [route, status])).toEqual([
      ['/broken', 500],
      ['unmatched', 404],
    ]);
    expect(tracing.recent.trace(TRACEPARENT.slice(3, 35))[0].status).toBe('error');
    const { body } = await renderMetrics('application/openmetrics-text');
    expect(body).toMatch(/route="\/broken",status="500"\} 1 # \{trace_id="0af7651916cd43dd8448eb211c80319c"\}/);
  });

  it('closes the record of a caller that went away', async () => {
    const leaving = new AbortController();
    const answer = fetch(`${url()}/slow`, { signal: leaving.signal }).catch(() => 'left');
    await until(async () => (await connections(fastify)) > 0);
    await delay(20);
    leaving.abort();
    expect(await answer).toBe('left');
    await until(() => lines.length === 1);
    expect(lines[0]).toMatchObject({ route: '/slow', status: 499 });
  });

  it('says nothing about probes', async () => {
    await fetch(`${url()}/readyz`);
    await fetch(`${url()}/orders/1`);
    await until(() => lines.length === 1);
    expect(lines[0].route).toBe('/orders/:id');
    expect(tracing.recent.traceIds()).toHaveLength(1);
  });
});

function connections(fastify: FastifyInstance): Promise<number> {
  return new Promise((resolve) => fastify.server.getConnections((_error, count) => resolve(count)));
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 5_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error('the condition did not come true within 5 s');
    await delay(5);
  }
}
