import type { LoadedConfig } from '@holdfast/configuration';
import { Logger } from '@holdfast/observability';
import { NatsKvRegistry, keepRegistered, type Presence } from '@holdfast/routing';
import type { INestApplicationContext } from '@nestjs/common';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { randomBytes } from 'node:crypto';
import type { AddressInfo, Server } from 'node:net';
import { Server as TlsServer } from 'node:tls';
import { hostname, networkInterfaces } from 'node:os';
import { Line } from '../boot/line.js';
import type { MountedContext } from '../boot/mount.js';
import { processConfig } from '../boot/process.config.js';
import { discoveryConfig } from './discovery.config.js';
import { assertPatient, discoveryNeedsNats, type DiscoverySettings } from './open-registry.js';

interface Needs {
  config: LoadedConfig;
  mounted: readonly MountedContext[];
}

/** That others find the contexts of this process: one entry per context, all with the address of the process. */
export class ContextPresence {
  private presences: readonly Presence[] = [];

  private constructor(
    private readonly services: readonly string[],
    private readonly settings: DiscoverySettings,
    private readonly host: string,
    private readonly registry: NatsKvRegistry | undefined,
  ) {}

  /** @throws UnusableDiscovery when the registry is in a NATS that this process has no line to, or its TTL is too short */
  static of(app: INestApplicationContext, { config, mounted }: Needs): ContextPresence {
    const settings = config.get(discoveryConfig);
    const services = mounted.map(({ context }) => context.name);
    const { host } = config.get(processConfig);
    if (settings.kind !== 'nats') return new ContextPresence(services, settings, host, undefined);
    const { connection } = app.get(Line);
    if (!connection) throw discoveryNeedsNats();
    assertPatient(settings);
    return new ContextPresence(services, settings, host, new NatsKvRegistry({ connection, ttlMs: settings.ttlMs }));
  }

  /** Milliseconds that others are given to see that this process drains. */
  get drainMs(): number {
    return this.registry ? this.settings.drainMs : 0;
  }

  /** From now on others send work here; to be called when there is somebody to do it. */
  announce(app: NestFastifyApplication): void {
    const { registry, settings } = this;
    if (!registry) return;
    const server = app.getHttpServer() as Server;
    const { port } = server.address() as AddressInfo;
    const scheme = server instanceof TlsServer ? 'https' : 'http';
    const url = settings.advertise ? new URL(settings.advertise).origin : `${scheme}://${reachable(this.host)}:${port}`;
    const process = globalThis.process.title.replace(/^holdfast /, '');
    const id = `${process}-${hostname()}-${randomBytes(4).toString('hex')}`.replaceAll(/[^\w-]/g, '-');
    const failed = (error: unknown) =>
      error
        ? app.get(Logger).warn({ msg: 'the registry does not take our entry', err: error }, 'Discovery')
        : app.get(Logger).log('the registry takes our entry again', 'Discovery');
    this.presences = this.services.map((service) =>
      keepRegistered(registry, { service, id, url, process }, { everyMs: settings.heartbeatMs, failed }),
    );
  }

  /** The first step of a shutdown. */
  async drain(): Promise<void> {
    await Promise.all(this.presences.map((one) => one.drain()));
  }

  /** When everything in flight is done. */
  async leave(): Promise<void> {
    await Promise.all(this.presences.map((one) => one.leave()));
  }
}

/** The address under which a process that listens everywhere is found by others. */
function reachable(host: string): string {
  if (host !== '0.0.0.0' && host !== '::') return host.includes(':') ? `[${host}]` : host;
  const outside = Object.values(networkInterfaces())
    .flat()
    .find((one) => one && one.family === 'IPv4' && !one.internal);
  return outside?.address ?? '127.0.0.1';
}
