import { defineConfig, setting } from '@holdfast/configuration';
import { z } from 'zod';

/** How processes find each other: what a gateway watches, and where a context says that it is there. */
export const discoveryConfig = defineConfig('discovery', {
  kind: setting(
    z.enum(['file', 'nats', 'dns']).default('file'),
    'who keeps the list of instances: a file (HOLDFAST_TARGETS), a bucket in NATS, or DNS',
    { variable: 'DISCOVERY' },
  ),
  targets: setting(
    z.string().min(2).optional(),
    'where contexts answer: JSON such as {"orders":["http://127.0.0.1:4001"]}, or a file with it that is read again when it changes; with DISCOVERY=nats what counts until NATS has spoken',
    { variable: 'HOLDFAST_TARGETS' },
  ),
  heartbeatMs: setting(
    z.coerce.number().int().min(100).max(60_000).default(1_000),
    'how often an instance says that it is there, ms',
  ),
  ttlMs: setting(
    z.coerce.number().int().min(300).max(300_000).default(2_800),
    'how long an instance may be silent before it gets no more work, ms; more than two heartbeats',
  ),
  advertise: setting(
    z.url().optional(),
    'the address that others are told, default http with HOST (or the first of this machine) and PORT',
    { variable: 'DISCOVERY_ADVERTISE' },
  ),
  drainMs: setting(
    z.coerce.number().int().min(0).max(10_000).default(500),
    'how long a registered process still accepts after it has said that it leaves, ms',
  ),
  dnsName: setting(z.string().min(1).default('{service}'), 'the name to resolve, with {service} for the context'),
  dnsRecord: setting(z.enum(['a', 'srv']).default('a'), 'a: addresses, with the port below; srv: both'),
  dnsPort: setting(z.coerce.number().int().min(1).max(65_535).default(3_000), 'the port of instances found by address'),
  dnsServers: setting(z.string().optional(), 'DNS servers, comma-separated, default those of the machine'),
  dnsEveryMs: setting(z.coerce.number().int().min(20).max(600_000).default(5_000), 'how often DNS is asked again, ms'),
});
