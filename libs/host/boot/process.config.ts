import { defineConfig, secret, setting } from '@holdfast/configuration';
import { z } from 'zod';

/** What a process is told from outside, whatever it mounts. */
export const processConfig = defineConfig('process', {
  port: setting(z.coerce.number().int().min(0).max(65_535).default(3_000), 'the port of the edge, 0 for any free one', {
    variable: 'PORT',
  }),
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
  routingWaitMs: setting(
    z.coerce.number().int().min(0).max(10_000).default(0),
    'how long a stopping process still answers while load balancers take it out, ms',
    { variable: 'SHUTDOWN_ROUTING_WAIT_MS' },
  ),
  requestsInside: setting(
    z.coerce.number().int().min(1).max(10_000).default(200),
    'requests handled at the same time before further ones are shed',
    { variable: 'REQUESTS_INSIDE' },
  ),
});

/** How contexts reach PostgreSQL when they are not given a URL of their own. */
export const databaseConfig = defineConfig('database', {
  url: secret('an administrator\'s URL; each context logs in as its own role', { optional: true, minLength: 10 }),
  poolSize: setting(z.coerce.number().int().min(2).max(100).default(8), 'connections per context at most'),
});

/** `ORDERS_DATABASE_URL`: the URL of one context's app role; it makes `DATABASE_URL` unnecessary for that context. */
export function contextDatabaseConfig(context: string) {
  return defineConfig(`${context}-database`, {
    url: secret(`the URL of the role ${context}_app`, { optional: true, minLength: 10 }),
  });
}
