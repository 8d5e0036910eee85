import type { ConfigOf } from '@holdfast/configuration';
import { connectNats, type NatsAddress } from '@holdfast/messaging';
import {
  DnsRegistry,
  FileRegistry,
  InvalidInstances,
  NatsKvRegistry,
  readInstances,
  type Registry,
} from '@holdfast/routing';
import { existsSync, readFileSync } from 'node:fs';
import { Resolver } from 'node:dns/promises';
import type { discoveryConfig } from './discovery.config.js';

export type DiscoverySettings = ConfigOf<typeof discoveryConfig>;

export interface OpenRegistryOptions {
  settings: DiscoverySettings;
  /** The process's name, as NATS shows it. */
  name: string;
  /** How to reach NATS, and as whom; undefined: there is none. */
  nats: Omit<NatsAddress, 'name'> | undefined;
  /** Services that a list written by hand must have. */
  required: readonly string[];
  /** Whether processes found by their names are spoken to over TLS. Default: plain HTTP. */
  tls?: boolean;
  failed: (error: unknown) => void;
}

/** The registry is not set up so that it could work. */
export class UnusableDiscovery extends Error {
  override readonly name = 'UnusableDiscovery';
}

/** DISCOVERY=nats where there is no NATS. */
export function discoveryNeedsNats(): UnusableDiscovery {
  return new UnusableDiscovery('DISCOVERY=nats needs NATS_URL; set it, or set DISCOVERY to file or dns');
}

/** @throws UnusableDiscovery when who misses a heartbeat or two would be taken for silent, and so would all, again and again */
export function assertPatient({ ttlMs, heartbeatMs }: DiscoverySettings): void {
  if (ttlMs > 2 * heartbeatMs) return;
  throw new UnusableDiscovery(
    `DISCOVERY_TTL_MS (${ttlMs}) is not more than two heartbeats of DISCOVERY_HEARTBEAT_MS (${heartbeatMs}); raise it, or lower that`,
  );
}

/** An open registry and how to close all that belongs to it. */
export interface OpenRegistry {
  registry: Registry;
  close(): Promise<void>;
}

/** @throws UnusableDiscovery naming everything that is wrong */
export function openRegistry({ settings, name, nats, required, tls, failed }: OpenRegistryOptions): OpenRegistry {
  const { kind, targets, ttlMs, dnsName, dnsRecord, dnsPort, dnsEveryMs, dnsServers } = settings;
  if (kind === 'dns') {
    const resolver = new Resolver({ timeout: 1_000, tries: 2 });
    if (dnsServers) resolver.setServers(dnsServers.split(',').map((server) => server.trim()));
    const names = { name: dnsName, record: dnsRecord, port: dnsPort, scheme: tls ? 'https' : 'http' } as const;
    return closing(new DnsRegistry({ ...names, resolver, everyMs: dnsEveryMs, failed }));
  }
  if (kind === 'nats') {
    if (!nats) throw discoveryNeedsNats();
    assertPatient(settings);
    let line: Awaited<ReturnType<typeof connectNats>> | undefined;
    const connection = async () => (line = await connectNats({ ...nats, name: `holdfast-${name}` }));
    const seed = seedOf(targets);
    const registry = new NatsKvRegistry({ connection, ttlMs, observer: 'gateway', seed, failed });
    return closing(registry, async () => line?.close());
  }
  if (!targets) throw new UnusableDiscovery('HOLDFAST_TARGETS is not set, and DISCOVERY=file has nowhere else to look');
  return closing(readFrom('HOLDFAST_TARGETS', () => new FileRegistry({ source: targets, required, failed })));
}

function seedOf(targets: string | undefined) {
  if (!targets) return [];
  const isPath = !targets.trimStart().startsWith('{');
  if (isPath && !existsSync(targets)) return []; // it is only what counts until there is better
  return readFrom('HOLDFAST_TARGETS', () => [
    ...readInstances(isPath ? readFileSync(targets, 'utf8') : targets).values(),
  ]).flat();
}

function readFrom<T>(variable: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof InvalidInstances)) throw error;
    throw new UnusableDiscovery(`${variable}:\n${error.faults.map((one) => `  - ${one}`).join('\n')}`);
  }
}

function closing(registry: Registry, more: () => Promise<unknown> = () => Promise.resolve()): OpenRegistry {
  return {
    registry,
    close: async () => {
      await registry.close();
      await more();
    },
  };
}
