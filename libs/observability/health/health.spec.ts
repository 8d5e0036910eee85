import { VersioningType } from '@nestjs/common';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { PROBE_ROUTES } from '../open-route.js';
import { EventLoopLag } from './event-loop-lag.js';
import { HealthController } from './health.controller.js';
import { HealthModule } from './health.module.js';
import { HealthRegistry, type HealthFinding } from './health-registry.js';
import { Readiness } from './readiness.js';

describe('health', () => {
  let app: NestFastifyApplication;
  let lag = { p50: 0, p99: 0, max: 0 };

  beforeEach(async () => {
    lag = { p50: 0, p99: 0, max: 0 };
    const module = await Test.createTestingModule({ imports: [HealthModule] })
      .overrideProvider(EventLoopLag)
      .useValue({ current: () => lag })
      .compile();
    app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    app.setGlobalPrefix('api', { exclude: [...PROBE_ROUTES] });
    app.enableVersioning({ type: VersioningType.URI, defaultVersion: '1' });
    await app.init();
  });
  afterEach(() => app.close());

  const status = async (url: string) => (await app.inject(url)).statusCode;

  it('is ready from started to draining, and started for ever', async () => {
    const readiness = app.get(Readiness);
    expect([await status('/readyz'), await status('/startupz'), await status('/livez')]).toEqual([503, 503, 200]);
    readiness.started();
    expect([await status('/readyz'), await status('/startupz')]).toEqual([200, 200]);
    readiness.draining();
    readiness.started();
    const answer = await app.inject('/readyz');
    expect(answer.statusCode).toBe(503);
    expect(answer.headers['retry-after']).toBe('1');
    expect(answer.json()).toEqual({ status: 'error', reasons: ['draining'] });
    expect([await status('/startupz'), await status('/livez')]).toEqual([200, 200]);
  });

  it('is not ready while saturated', async () => {
    const readiness = app.get(Readiness);
    readiness.started();
    let full = true;
    const takeBack = readiness.saturatedWhen('admission', () => full);
    expect((await app.inject('/readyz')).json().reasons).toEqual(['saturated: admission']);
    full = false;
    expect(await status('/readyz')).toBe(200);
    full = true;
    takeBack();
    expect(await status('/readyz')).toBe(200);
  });

  it('is not alive when the event loop is stuck', async () => {
    lag = { p50: 6_000, p99: 6_000, max: 6_000 };
    expect(await status('/livez')).toBe(503);
  });

  it('stays ready and alive while a shared dependency is down, and says so in the detail', async () => {
    app.get(Readiness).started();
    const registry = app.get(HealthRegistry);
    registry.register('orders.database', () => Promise.reject(new Error('no connection for ada@example.org')));
    registry.register('orders.relay', () => ({ status: 'degraded', lagSeconds: 40 }));
    const answer = await app.inject('/healthz');
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toMatchObject({
      status: 'error',
      details: {
        'event-loop': { status: 'up' },
        'orders.database': { status: 'down', message: 'no connection for [email]' },
        'orders.relay': { status: 'degraded', lagSeconds: 40 },
      },
    });
    expect([await status('/readyz'), await status('/livez')]).toEqual([200, 200]);
  });

  it('answers 200 when something is merely degraded', async () => {
    app.get(HealthRegistry).register('orders.relay', () => ({ status: 'degraded' }));
    const answer = await app.inject('/healthz');
    expect([answer.statusCode, answer.json().status]).toEqual([200, 'degraded']);
  });

  it('does not wait for ever and asks once for concurrent callers', async () => {
    let asked = 0;
    app.get(HealthRegistry).register('silent', () => {
      asked++;
      return new Promise(() => undefined);
    });
    const answers = await Promise.all([app.inject('/healthz'), app.inject('/healthz')]);
    expect(answers.map(({ statusCode }) => statusCode)).toEqual([503, 503]);
    expect(asked).toBe(1);
  });

  it('waits longer for a check that asks others', async () => {
    const registry = app.get(HealthRegistry);
    const late = () => new Promise<HealthFinding>((resolve) => setTimeout(() => resolve({ status: 'up' }), 1_200));
    registry.register('late', late);
    registry.register('late.allowed', late, { withinMs: 5_000 });
    expect(Object.fromEntries(await registry.findings())).toMatchObject({
      late: { status: 'down', message: 'no answer within 1000 ms' },
      'late.allowed': { status: 'up' },
    });
  });

  it('refuses two checks of one name and forgets one taken back', () => {
    const registry = app.get(HealthRegistry);
    const takeBack = registry.register('a', () => ({ status: 'up' }));
    expect(() => registry.register('a', () => ({ status: 'up' }))).toThrow('already registered');
    takeBack();
    registry.register('a', () => ({ status: 'up' }));
  });

  it('is open', () => expect(Reflect.getMetadata('holdfast:access', HealthController)).toEqual({ kind: 'open' }));
});

describe('EventLoopLag', () => {
  it('sees a blocked loop', async () => {
    const lag = new EventLoopLag();
    const deadline = performance.now() + 8_000;
    while (lag.current().max < 150 && performance.now() < deadline) {
      const blockedUntil = performance.now() + 300;
      while (performance.now() < blockedUntil);
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    expect(lag.current().max).toBeGreaterThan(150);
    lag.onModuleDestroy();
  }, 10_000);
});
