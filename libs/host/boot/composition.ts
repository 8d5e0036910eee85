import { loadConfig, withDotEnv, withoutSecrets, type LoadedConfig } from '@holdfast/configuration';
import { startTracing, type Tracing } from '@holdfast/observability';
import type { DynamicModule } from '@nestjs/common';
import { assertEdges } from '../context/check-edges.js';
import { contextModule } from '../context/context.module.js';
import type { Context } from '../context/context.js';
import { contextDatabaseConfig, databaseConfig } from '../database/database.config.js';
import { discoveryConfig } from '../discovery/discovery.config.js';
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
  module: DynamicModule;
}

/**
 * @throws ConfigurationError, UnknownContext, UnroutableEdges: each lists everything that is wrong
 */
export function composeProcess(name: string, available: readonly Context[]): Composition {
  const env = withDotEnv('.env', process.env);
  const contexts = chosenContexts(available, env.CONTEXTS); // before the rest is read: nobody is asked for secrets of others
  const known = issuersOf(available, contexts, env.NATS_URL);
  const elsewhere = known.filter((context) => !contexts.includes(context)).flatMap((context) => context.config);
  const definitions = [...configurationOf(contexts), ...elsewhere.map(withoutSecrets)];
  const config = loadConfig(definitions, env, connectionFaults(env, { talksTo: env.NATS_URL ? 'others' : 'nobody' }));
  const { otlpEndpoint, natsUrl } = config.get(processConfig);
  assertEdges(contexts, { elsewhere: Boolean(natsUrl) });
  const mounted = contexts.map((context) => ({ context, module: contextModule(context, config) }));
  const tracing = startTracing({ serviceName: name, ...(otlpEndpoint && { otlpEndpoint }) });
  const secrets = config.secretValues(definitions);
  const module = ApplicationModule.of({
    name,
    mounted,
    known,
    config,
    secrets,
    spans: tracing.recent,
  });
  return { config, tracing, mounted, module };
}

/** Whose tokens count: in one process those of what is mounted, else those of everybody this process was built with. */
function issuersOf(
  available: readonly Context[],
  mounted: readonly Context[],
  natsUrl: string | undefined,
): readonly Context[] {
  return natsUrl ? available : mounted;
}

/** Everything a process that may mount these contexts can be told from outside. */
export function configurationOf(contexts: readonly Context[]) {
  return [
    processConfig,
    discoveryConfig,
    connectionsConfig,
    databaseConfig,
    ...contexts.map(({ name }) => contextDatabaseConfig(name)),
    ...contexts.flatMap(({ config }) => config),
  ];
}
