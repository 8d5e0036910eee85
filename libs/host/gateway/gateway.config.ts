import { defineConfig, setting } from '@holdfast/configuration';
import { OUTLIER_DEFAULTS } from '@holdfast/routing';
import { z } from 'zod';

/** What a gateway is told besides what every process is told. */
export const gatewayConfig = defineConfig('gateway', {
  timeoutMs: setting(
    z.coerce.number().int().min(100).max(120_000).default(10_000),
    'how long a context may be silent before the request is given up, ms',
  ),
  connections: setting(
    z.coerce.number().int().min(1).max(1_000).default(128),
    'connections per target at most: so many for requests without a body, and so many for those with one',
  ),
  startWaitMs: setting(
    z.coerce.number().int().min(0).max(120_000).default(15_000),
    'how long a gateway that starts waits until somebody is ready to answer for every context, before it is ready itself, ms',
  ),
  probeEveryMs: setting(
    z.coerce.number().int().min(20).max(60_000).default(500),
    'how often a target is asked whether it is ready, ms',
  ),
  ejectAfter: setting(
    z.coerce.number().int().min(1).max(1_000).default(OUTLIER_DEFAULTS.consecutiveErrors),
    'gateway errors in a row after which a replica is left alone for a while',
  ),
  ejectionMs: setting(
    z.coerce.number().int().min(100).max(300_000).default(OUTLIER_DEFAULTS.ejectionMs),
    'how long a replica is left alone the first time, ms; the nth time n times as long, up to 5 min',
  ),
  maxEjected: setting(
    z.coerce.number().min(0).max(1).default(OUTLIER_DEFAULTS.maxEjected),
    'share of the replicas of a context that may be left alone at the same time',
  ),
  panicBelow: setting(
    z.coerce.number().min(0).max(1).default(OUTLIER_DEFAULTS.panicBelow),
    'share of healthy replicas below which all are used, healthy or not',
  ),
});
