import { Inject, Injectable, Logger as NestLogger } from '@nestjs/common';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import { Logger, PinoLogger } from 'nestjs-pino';
import { startTracing } from '../tracing/start-tracing.js';
import { currentTraceId, currentSpanContext } from '../tracing/traceparent.js';
import { withSpan } from '../tracing/with-span.js';
import { runWithCorrelation } from './correlation.js';
import { loggingModule } from './logging.module.js';

@Injectable()
class Speaker {
  readonly nest = new NestLogger('Speaker');

  constructor(@Inject(PinoLogger) readonly pino: PinoLogger) {}
}

describe('logging', () => {
  const lines: string[] = [];
  let speaker: Speaker;
  const last = () => JSON.parse(lines.at(-1)!);

  beforeAll(async () => {
    const destination = { write: (line: string) => void lines.push(line) };
    const secrets = ['s3cret-"key"-of-the-provider', 'short'];
    const module = await Test.createTestingModule({
      imports: [loggingModule({ name: 'test', level: 'debug', secrets, destination })],
      providers: [Speaker],
    }).compile();
    const app = module.createNestApplication(new FastifyAdapter());
    app.useLogger(app.get(Logger));
    speaker = app.get(Speaker);
  });

  it('writes one JSON line with process, level, time and context', () => {
    speaker.nest.log('ready');
    expect(lines.at(-1)).toMatch(/^\{.*\}\n$/);
    expect(last()).toMatchObject({ process: 'test', level: 'info', context: 'Speaker', msg: 'ready' });
    expect(Date.parse(last().time)).not.toBeNaN();
  });

  it('keeps line breaks and terminal control inside the line', () => {
    speaker.nest.log('first\r\nsecond \u001b[31mred');
    expect(lines.at(-1)!.trimEnd()).not.toMatch(/[\r\n\u001b]/);
    expect(last().msg).toBe('first\r\nsecond \u001b[31mred');
  });

  it('adds trace, span and correlation of the work at hand', async () => {
    const tracing = startTracing({ serviceName: 'test' });
    const span = await withSpan('work', async () => {
      await runWithCorrelation({ correlationId: 'story-1', causationId: 'message-7' }, async () => {
        await Promise.resolve();
        speaker.pino.info('inside');
      });
      return { trace_id: currentTraceId(), span_id: currentSpanContext()?.spanId };
    });
    expect(last()).toMatchObject({ ...span, correlation_id: 'story-1', causation_id: 'message-7' });
    speaker.pino.info('outside');
    expect(last()).not.toHaveProperty('trace_id');
    expect(last()).not.toHaveProperty('correlation_id');
    await tracing.shutdown();
  });

  it('takes private fields out at any depth, from both loggers', () => {
    speaker.pino.info({ order: { customer: [{ email: 'x', 'Set-Cookie': 'y', sku: 'TEA-001' }] } }, 'deep');
    expect(last().order).toEqual({ customer: [{ email: '[redacted]', 'Set-Cookie': '[redacted]', sku: 'TEA-001' }] });
    speaker.nest.log({ password: 'hunter2', msg: 'flat' });
    expect(lines.at(-1)).not.toContain('hunter2');
  });

  it('takes addresses, tokens and secrets out of every text', () => {
    speaker.pino.warn(
      { note: 'see ada@example.org', url: 'postgres://app:pa55@db:5432/x' },
      'sent to ada@example.org paid with tok_ok, key s3cret-"key"-of-the-provider',
    );
    expect(last()).toMatchObject({
      note: 'see [email]',
      url: 'postgres://[redacted]@db:5432/x',
      msg: 'sent to [email] paid with [token], key [secret]',
    });
  });

  it('writes of an error what helps, not what people typed', () => {
    const cause = Object.assign(new Error('unique violation for ada@example.org'), {
      code: '23505',
      detail: 'Key (email)=(ada@example.org) already exists, Ada Lovelace',
      parameters: ['Ada Lovelace'],
    });
    speaker.pino.error(new Error('cannot register', { cause }));
    expect(last().err).toMatchObject({
      type: 'Error',
      causes: [{ code: '23505', message: expect.stringContaining('[email]') }],
    });
    expect(lines.at(-1)).not.toMatch(/Lovelace|ada@/);
  });

  it('survives what cannot be written', () => {
    const loop: Record<string, unknown> = { amount: 10n };
    loop.self = loop;
    speaker.pino.info(loop, 'loop');
    expect(last()).toMatchObject({ amount: '10', msg: 'loop' });
  });
});
