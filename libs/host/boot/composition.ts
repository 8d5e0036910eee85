import { loadConfig, withDotEnv, type LoadedConfig } from '@holdfast/configuration';
import { contextDatabaseConfig, databaseConfig } from '@holdfast/database';
import { startTracing, type Tracing } from '@holdfast/observability';
import type { DynamicModule } from '@nestjs/common';
import { assertEdges } from '../context/check-edges.js';
import { contextModule } from '../context/context.module.js';
import type { Context } from '../context/context.js';
import { discoveryConfig } from '../discovery/discovery.config.js';
import { behindGatewayConfig, isBehindGateway, tokenConfig } from '../identity/identity.config.js';
import { ApplicationModule } from './application.module.js';
import { chosenContexts } from './chosen-contexts.js';
import { connectionFaults, connectionsConfig } from './connections.config.js';
import type { MountedContext } from './mount.js';
import { processConfig } from './process.config.js';

/** A process before it does anything: checked configuration, the contexts that fit together, and the module to start. */
export interface Composition {
  config: LoadedConfig;
  tracing: Tracing;
  mounted: readonly MountedContext[];
  /** Whether users come through a gateway: their tokens are then its own, and only it may connect. */
  behindGateway: boolean;
  module: DynamicModule;
}

/**
 * @throws ConfigurationError, UnknownContext, UnroutableEdges: each lists everything that is wrong
 */
export function composeProcess(name: string, available: readonly Context[]): Composition {
  const env = withDotEnv('.env', process.env);
  const contexts = chosenContexts(available, env.CONTEXTS); // before the rest is read: nobody is asked for secrets of others
  const behindGateway = isBehindGateway(env);
  const definitions = configurationOf(contexts, { behindGateway });
  const talksTo = behindGateway || env.NATS_URL ? 'others' : 'nobody';
  const config = loadConfig(definitions, env, connectionFaults(env, { talksTo }));
  const { otlpEndpoint, natsUrl } = config.get(processConfig);
  assertEdges(contexts, { elsewhere: Boolean(natsUrl) });
  const mounted = contexts.map((context) => ({ context, module: contextModule(context, config) }));
  const tracing = startTracing({ serviceName: name, ...(otlpEndpoint && { otlpEndpoint }) });
  const secrets = config.secretValues(definitions);
  const module = ApplicationModule.of({
    name,
    mounted,
    config,
    behindGateway,
    secrets,
    spans: tracing.recent,
  });
  return { config, tracing, mounted, behindGateway, module };
}

/** Everything a process that mounts these contexts can be told from outside. */
export function configurationOf(contexts: readonly Context[], { behindGateway }: { behindGateway: boolean }) {
  return [
    ...new Set([
      processConfig,
      discoveryConfig,
      connectionsConfig,
      databaseConfig,
      tokenConfig,
      ...(behindGateway ? [behindGatewayConfig] : []),
      ...contexts.map(({ name }) => contextDatabaseConfig(name)),
      ...contexts.flatMap(({ config }) => config),
    ]),
  ];
}
