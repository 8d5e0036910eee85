import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { VersioningType } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { PROBE_ROUTES } from '../open-route.js';
import { startTracing } from '../tracing/start-tracing.js';
import { currentTraceId } from '../tracing/traceparent.js';
import { withSpan } from '../tracing/with-span.js';
import { registerGauge } from './gauges.js';
import { counter, histogram } from './instruments.js';
import { MetricsController, MetricsModule } from './metrics.module.js';
import { renderMetrics } from './render-metrics.js';
import {
  recordHandler,
  recordHttpRequest,
  registerInboxBacklog,
  registerPool,
  registerSagaStates,
} from './standard.js';

const OPENMETRICS = 'application/openmetrics-text;version=1.0.0,text/plain;version=0.0.4;q=0.5';
const text = async (accept?: string) => (await renderMetrics(accept)).body;

describe('metrics', () => {
  it('writes the trace of an observation as exemplar when OpenMetrics is asked for', async () => {
    const tracing = startTracing({ serviceName: 'test' });
    const traceId = withSpan('work', () => {
      recordHandler({ context: 'orders', handler: 'place-order', outcome: 'ok', seconds: 0.004 });
      return currentTraceId();
    });
    await tracing.shutdown();
    const open = await text(OPENMETRICS);
    const labels = 'le="0.005",context="orders",handler="place-order",outcome="ok"';
    expect(open).toContain(`handler_duration_seconds_bucket{${labels}} 1 # {trace_id="${traceId}"} 0.004`);
    expect(open.endsWith('# EOF\n')).toBe(true);
    expect(await text()).not.toContain('trace_id');
  });

  it('keeps counter names right in both formats, in any order of scrapes', async () => {
    counter({ name: 'parcels_total', help: 'parcels', labels: ['context'] }).add({ context: 'shipping' }, 2);
    for (const accept of [undefined, OPENMETRICS, undefined]) {
      const body = await text(accept);
      expect(body).toContain('parcels_total{context="shipping"} 2');
      expect(body).toContain(accept ? '# TYPE parcels counter' : '# TYPE parcels_total counter');
    }
  });

  it('reads gauges at the scrape, several registrations under one name', async () => {
    let backlog = 5;
    const read = async () => ({ messages: backlog, oldestSeconds: 1.5, parked: 0 });
    const takeBack = registerInboxBacklog('orders', read);
    registerInboxBacklog('payments', async () => ({ messages: 1, oldestSeconds: 0, parked: 2 }));
    expect(await text()).toContain('inbox_backlog_messages{context="orders"} 5');
    backlog = 6;
    const body = await text();
    expect(body).toContain('inbox_backlog_messages{context="orders"} 6');
    expect(body).toContain('inbox_parked_messages{context="payments"} 2');
    takeBack();
    expect(await text()).not.toContain('inbox_backlog_messages{context="orders"}');
  });

  it('asks once for gauges that come from one question, and once for concurrent scrapes', async () => {
    let asked = 0;
    const takeBack = registerInboxBacklog('catalog', async () => ({ messages: ++asked, oldestSeconds: 0, parked: 0 }));
    await Promise.all([text(), text(OPENMETRICS)]);
    expect(asked).toBe(1);
    takeBack();
  });

  it('goes on when a gauge fails or does not answer, and counts it', async () => {
    const fail = () => Promise.reject(new Error('database away'));
    const undo = [
      registerGauge({ name: 'broken', help: 'x', labels: [], read: fail }),
      registerGauge({ name: 'silent', help: 'x', labels: [], read: () => new Promise<number>(() => undefined) }),
      registerGauge({ name: 'sound', help: 'x', labels: [], read: () => 3 }),
    ];
    const body = await text();
    undo.forEach((takeBack) => takeBack());
    expect(body).toContain('sound 3');
    expect(await text()).toMatch(/metrics_read_failures_total\{metric="broken"\} 1[^]*metric="silent"\} 1/);
  });

  it('bounds the number of series', async () => {
    const visits = histogram({ name: 'visits', help: 'x', labels: ['who'], maxSeries: 2 });
    for (const who of ['a', 'b', 'c', 'd', 'a']) visits.observe({ who }, 1);
    const body = await text();
    expect(body).toContain('visits_count{who="a"} 2');
    expect(body).toContain('visits_count{who="other"} 2');
    expect(body).toContain('metrics_label_overflow_total{metric="visits"} 2');
  });

  it('knows pools, sagas and unheard-of HTTP methods', async () => {
    registerPool('orders', { totalCount: 4, idleCount: 3, waitingCount: 0 });
    registerSagaStates('checkout', async () => [{ saga: 'purchase', state: 'reserving', count: 7 }]);
    recordHttpRequest({ method: 'BREW', route: 'unmatched', status: 404, seconds: 0.001 });
    const body = await text();
    expect(body).toContain('pg_pool_connections{context="orders",pool="main",state="idle"} 3');
    expect(body).toContain('saga_instances{context="checkout",saga="purchase",state="reserving"} 7');
    expect(body).toContain(
      'http_server_request_duration_seconds_count{method="other",route="unmatched",status="404"} 1',
    );
  });
});

describe('MetricsModule', () => {
  it('serves /metrics outside prefix and version, open, process metrics included', async () => {
    const module = await Test.createTestingModule({ imports: [MetricsModule.forRoot()] }).compile();
    MetricsModule.forRoot();
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    app.setGlobalPrefix('api', { exclude: [...PROBE_ROUTES] });
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    await app.init();
    const plain = await app.inject('/metrics');
    expect(plain.headers['content-type']).toContain('text/plain; version=0.0.4');
    expect(plain.body).toContain('process_cpu_seconds_total');
    const open = await app.inject({ url: '/metrics', headers: { accept: OPENMETRICS } });
    expect(open.headers['content-type']).toContain('application/openmetrics-text');
    expect(Reflect.getMetadata('holdfast:access', MetricsController)).toEqual({ kind: 'open' });
    await app.close();
  });
});
