import { defineConfig, setting } from '@holdfast/configuration';
import { z } from 'zod';

/** What a process is told from outside, whatever it mounts. */
export const processConfig = defineConfig('process', {
  port: setting(z.coerce.number().int().min(0).max(65_535).default(3_000), 'the port of the edge, 0 for any free one', {
    variable: 'PORT',
  }),
  host: setting(z.string().min(1).default('0.0.0.0'), 'the address to listen on; not a name', { variable: 'HOST' }),
  logLevel: setting(
    z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    'the lowest level that is logged',
    { variable: 'LOG_LEVEL' },
  ),
  otlpEndpoint: setting(z.url().optional(), 'the base address of an OpenTelemetry collector, none if unset', {
    variable: 'OTEL_EXPORTER_OTLP_ENDPOINT',
  }),
  mountedContexts: setting(z.string().optional(), 'a comma-separated subset of contexts to mount, all if unset', {
    variable: 'CONTEXTS',
  }),
  natsUrl: setting(z.string().optional(), 'a NATS server with JetStream, when contexts run in several processes', {
    variable: 'NATS_URL',
  }),
  edge: setting(
    z.enum(['here', 'gateway']).optional(),
    'where users come in: `here`, directly, or through a `gateway`; if unset, a gateway when NATS_URL is set',
    { variable: 'EDGE' },
  ),
  routingWaitMs: setting(
    z.coerce.number().int().min(0).max(10_000).default(0),
    'how long a stopping process still answers while load balancers take it out, ms',
    { variable: 'SHUTDOWN_ROUTING_WAIT_MS' },
  ),
  requestsInside: setting(
    z.coerce.number().int().min(1).max(10_000).default(200),
    'places for requests at the same time: reads are shed when 85 % of them are taken, other requests at 95 %, webhooks when all are',
    { variable: 'REQUESTS_INSIDE' },
  ),
  queries: setting(
    z.enum(['strict', 'direct']).optional(),
    'how contexts in one process ask each other: `strict`, as if they were apart (copies, schemas, deadline), or `direct`, a plain call; if unset, direct in production, else strict',
    { variable: 'QUERIES' },
  ),
  crashPoints: setting(
    z.string().optional(),
    'for tests only: the folder of a test that says where this process shall crash; refused in production',
    { variable: 'HOLDFAST_CRASH_POINTS' },
  ),
});
