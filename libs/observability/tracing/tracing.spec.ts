import { jest } from '@jest/globals';
import { context, ROOT_CONTEXT } from '@opentelemetry/api';
import { setTimeout as delay } from 'node:timers/promises';
import type { SpanExporter } from '@opentelemetry/sdk-trace';
import { LightSpan } from './light-span.js';
import { orphansOf } from './recent-spans.js';
import { startTracing, type Tracing } from './start-tracing.js';
import { currentSpanContext, currentTraceId, currentTraceparent, parentFrom } from './traceparent.js';
import { openSpan, withSpan } from './with-span.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

describe('tracing', () => {
  let tracing: Tracing | undefined;
  afterEach(() => tracing?.shutdown().then(() => (tracing = undefined)));

  it('joins spans to one tree through awaits, timers and a traceparent', async () => {
    tracing = startTracing({ serviceName: 'test' });
    const traceId = await withSpan('request', { kind: 'server' }, async () => {
      await delay(1);
      const carried = await withSpan('place order', async () => currentTraceparent());
      await context.with(ROOT_CONTEXT, () =>
        withSpan('handle', { kind: 'consumer', parent: parentFrom(carried) }, () => delay(1)),
      );
      return currentTraceId()!;
    });
    const spans = tracing.recent.trace(traceId);
    expect(spans.map(({ name, kind, service }) => [name, kind, service])).toEqual([
      ['request', 'server', 'test'],
      ['place order', 'internal', 'test'],
      ['handle', 'consumer', 'test'],
    ]);
    expect(spans[1].parentSpanId).toBe(spans[0].spanId);
    expect(spans[2].parentSpanId).toBe(spans[1].spanId);
    expect(spans[0].durationMs).toBeGreaterThan(0);
    expect(orphansOf(spans)).toEqual([]);
    expect(orphansOf(spans.slice(1)).map(({ name }) => name)).toEqual(['place order']);
    expect(orphansOf(spans.slice(1), [spans[0].spanId])).toEqual([]);
  });

  it('records an error without addresses or tokens and passes it on, sync and async', async () => {
    tracing = startTracing({ serviceName: 'test' });
    const fail = (): never => {
      throw new Error('no account for ada@example.org with tok_ok');
    };
    let traceId = '';
    const failing = withSpan('outer', async () => {
      traceId = currentTraceId()!;
      withSpan('inner', fail);
    });
    await expect(failing).rejects.toThrow('ada@example.org');
    const spans = tracing.recent.trace(traceId);
    expect(spans.map(({ status }) => status)).toEqual(['error', 'error']);
    expect(spans[1].events[0]).toMatchObject({
      name: 'exception',
      attributes: { 'exception.message': 'no account for [email] with [token]' },
    });
    expect(JSON.stringify(spans)).not.toMatch(/ada@|tok_ok/);
  });

  it('keeps concurrent work apart', async () => {
    tracing = startTracing({ serviceName: 'test' });
    const ids = await Promise.all(
      [1, 2, 3].map((n) =>
        withSpan(`job ${n}`, async () => {
          const before = currentTraceId();
          await delay(n);
          return [before, currentTraceId()];
        }),
      ),
    );
    for (const [before, after] of ids) expect(after).toBe(before);
    expect(new Set(ids.flat()).size).toBe(3);
  });

  it('follows a neighbour in not sampling and still carries the trace', () => {
    tracing = startTracing({ serviceName: 'test' });
    const carried = withSpan('quiet', { parent: parentFrom(`00-${TRACE}-${CALLER}-00`) }, () => currentTraceparent());
    expect(carried).toMatch(new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`));
    expect(tracing.recent.trace(TRACE)).toEqual([]);
  });

  it('lets no outsider force recording, yet keeps the trace id', () => {
    tracing = startTracing({ serviceName: 'test', sampleRatio: 0 });
    const sampled = `00-${TRACE}-${CALLER}-01`;
    const inside = withSpan('edge', { parent: parentFrom(sampled, { trusted: false }) }, () => currentSpanContext());
    expect(inside).toMatchObject({ traceId: TRACE, traceFlags: 0 });
    withSpan('neighbour', { parent: parentFrom(sampled) }, () => undefined);
    expect(tracing.recent.trace(TRACE).map(({ name }) => name)).toEqual(['neighbour']);
  });

  it('decides below an untrusted parent once, children follow', () => {
    tracing = startTracing({ serviceName: 'test', sampleRatio: 1 });
    const parent = parentFrom(`00-${TRACE}-${CALLER}-00`, { trusted: false });
    withSpan('edge', { parent }, () => withSpan('child', () => undefined));
    expect(tracing.recent.trace(TRACE).map(({ name }) => name)).toEqual(['edge', 'child']);
  });

  it('makes no pairs of seconds and nanoseconds for its own memory', () => {
    const pairs = (['startTime', 'duration', 'endTime'] as const).map((name) =>
      jest.spyOn(LightSpan.prototype, name, 'get'),
    );
    tracing = startTracing({ serviceName: 'test' });
    const before = Date.now();
    const traceId = withSpan('job', () => currentTraceId()!);
    const [span] = tracing.recent.trace(traceId);
    expect(pairs.map(({ mock }) => mock.calls.length)).toEqual([0, 0, 0]);
    expect(Date.parse(span.startedAt)).toBeGreaterThanOrEqual(before);
    for (const pair of pairs) pair.mockRestore();
  });

  it('stays within its memory and forgets the oldest', () => {
    tracing = startTracing({ serviceName: 'test', recentSpans: 3 });
    const ids = [1, 2, 3, 4].map((n) => withSpan(`job ${n}`, () => currentTraceId()!));
    expect(tracing.recent.traceIds().sort()).toEqual(ids.slice(1).sort());
    expect(tracing.recent.trace(ids[0])).toEqual([]);
  });

  it('cannot be started twice, and works again after shutdown', async () => {
    tracing = startTracing({ serviceName: 'first' });
    expect(() => startTracing({ serviceName: 'second' })).toThrow('already runs');
    await tracing.shutdown();
    expect(withSpan('none', () => currentTraceparent())).toBeUndefined();
    tracing = startTracing({ serviceName: 'third' });
    expect(withSpan('some', () => currentTraceparent())).toBeDefined();
  });

  it('counts what the exporter refuses and does not fail because of it', async () => {
    const exporter: SpanExporter = {
      export: (_spans, done) => done({ code: 1, error: new Error('collector is down') }),
      shutdown: async () => undefined,
    };
    tracing = startTracing({ serviceName: 'test', exporter });
    withSpan('one', () => undefined);
    await tracing.flush();
    expect(tracing.unexported()).toBe(1);
  });

  it('sends spans to the collector as they end, by hand opened ones too', async () => {
    const names: string[] = [];
    const exporter: SpanExporter = {
      export: (spans, done) => {
        names.push(...spans.map(({ name }) => name));
        done({ code: 0 });
      },
      shutdown: async () => undefined,
    };
    tracing = startTracing({ serviceName: 'test', exporter });
    const open = openSpan('by hand');
    open.run(() => withSpan('inside', () => undefined));
    open.end();
    await tracing.flush();
    expect(names).toEqual(['inside', 'by hand']);
  });

  it('refuses a ratio that is none', () => {
    expect(() => startTracing({ serviceName: 'test', sampleRatio: 5 })).toThrow(RangeError);
  });
});

describe('parentFrom', () => {
  it.each([
    ['nothing', undefined],
    ['a repeated header', [`00-${TRACE}-${CALLER}-01`]],
    ['a zero trace', `00-${'0'.repeat(32)}-${CALLER}-01`],
    ['a zero span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['upper case', `00-${TRACE.toUpperCase()}-${CALLER}-01`],
    ['the forbidden version', `ff-${TRACE}-${CALLER}-01`],
    ['version 00 with more', `00-${TRACE}-${CALLER}-01-more`],
    ['a later version run on', `01-${TRACE}-${CALLER}-01more`],
    ['line breaks', `00-${TRACE}-${CALLER}-01\n`],
    ['a megabyte', `01-${TRACE}-${CALLER}-01-${'x'.repeat(1_000_000)}`],
  ])('takes %s for no parent', (_, header) => expect(parentFrom(header)).toBeUndefined());

  it('accepts a later version with more at its end', () => {
    expect(parentFrom(`01-${TRACE}-${CALLER}-01-more`)).toBeDefined();
  });
});
