import { defineConfig, setting } from '@holdfast/configuration';
import { z } from 'zod';

/** What a gateway is told besides what every process is told. */
export const gatewayConfig = defineConfig('gateway', {
  targets: setting(
    z.string().min(2),
    'where contexts answer: JSON such as {"orders":["http://127.0.0.1:4001"]}, or a file with it',
    { variable: 'HOLDFAST_TARGETS' },
  ),
  timeoutMs: setting(
    z.coerce.number().int().min(100).max(120_000).default(10_000),
    'how long a context may be silent before the request is given up, ms',
  ),
  connections: setting(z.coerce.number().int().min(1).max(1_000).default(128), 'connections per target at most'),
  probeEveryMs: setting(
    z.coerce.number().int().min(20).max(60_000).default(500),
    'how often a target is asked whether it is ready, ms',
  ),
});
