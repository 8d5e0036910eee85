import { loadConfig, withDotEnv } from '@holdfast/configuration';
import { HealthRegistry, Logger, Readiness, startTracing, type Tracing } from '@holdfast/observability';
import { Fleet, countRouting, registerRouting } from '@holdfast/routing';
import { Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { ABOUT } from '../boot/about.js';
import { connectionFaults, connectionsConfig, natsAs, openCertificates } from '../boot/connections.config.js';
import { listen } from '../boot/listen.js';
import { processConfig } from '../boot/process.config.js';
import { processEdge } from '../boot/process-edge.js';
import { explainAndExit } from '../boot/start-fault.js';
import { withoutRoutine } from '../boot/start-log.js';
import type { Context } from '../context/context.js';
import { discoveryConfig } from '../discovery/discovery.config.js';
import { openRegistry, type OpenRegistry } from '../discovery/open-registry.js';
import type { Edge } from '../http/edge.js';
import { serveDocument } from '../http/openapi/docs.js';
import { Shutdown, waitForRouting } from '../shutdown/shutdown.js';
import { upstreamConnector } from './upstream-tls.js';
import { gatewayConfig } from './gateway.config.js';
import { gatewayKeyConfig, tokenConfig } from '../identity/identity.config.js';
import { gatewayTokens, type GatewayTokens } from './gateway-tokens.js';
import { registerGatewayRoutes } from './gateway-routes.js';
import { GatewayModule } from './gateway.module.js';
import { watchFleet } from './watch-fleet.js';
import { documentOf } from './whole-shop.js';

/**
 * Starts the edge alone: it knows every route of these contexts, mounts none of them, and passes requests on to the
 * processes that the registry names (`DISCOVERY`).
 *
 * @example await bootGateway('gateway', [users, orders]);
 */
export async function bootGateway(name: string, contexts: readonly Context[]): Promise<void> {
  process.title = `holdfast ${name}`;
  try {
    await start(name, contexts);
  } catch (error) {
    explainAndExit(error, { database: false });
  }
}

async function start(name: string, contexts: readonly Context[]): Promise<void> {
  const env = withDotEnv('.env', process.env);
  const definitions = [processConfig, connectionsConfig, discoveryConfig, gatewayConfig, tokenConfig, gatewayKeyConfig];
  const config = loadConfig(definitions, env, connectionFaults(env, { talksTo: 'others' }));
  const { host, port, requestsInside, routingWaitMs, otlpEndpoint } = config.get(processConfig);
  const { timeoutMs, connections, probeEveryMs, startWaitMs, ejectAfter, ...outliers } = config.get(gatewayConfig);
  const document = await documentOf(contexts); // first of all: it takes the logger away
  NestLogger.attachBuffer(); // what is said before there is an application is for its logger, too
  const routed = contexts.filter(({ controllers }) => controllers.length > 0).map((context) => context.name);
  const settings = config.get(discoveryConfig);
  const certificates = openCertificates(config);
  const discovery = openRegistry({
    settings,
    name,
    nats: natsAs(config, [name]),
    required: routed,
    tls: certificates !== undefined,
    failed: (error) => new NestLogger('Discovery').warn({ msg: 'the registry does not answer', err: error }),
  });
  const servicesAt = (url: string): readonly string[] => fleet.servicesAt(url);
  const fleet: Fleet = new Fleet({
    registry: discovery.registry,
    services: contexts.map((context) => context.name),
    required: routed,
    timeoutMs,
    connections,
    ...(certificates && { connect: upstreamConnector(certificates, Math.min(1_000, timeoutMs), servicesAt) }),
    outliers: { ...outliers, consecutiveErrors: ejectAfter },
    ejected: (replica) => {
      countRouting.ejected(replica);
      const what = `${replica.service} at ${replica.url} fails again and again: left alone for a while`;
      new NestLogger('Routing').warn(what);
    },
    panicked: countRouting.panicked,
  });
  const tokens = await gatewayTokens(contexts, fleet, config);
  const tracing = startTracing({ serviceName: name, ...(otlpEndpoint && { otlpEndpoint }) });
  const edge = processEdge({ requestsInside });
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.of({ name, config, contexts, secrets: config.secretValues(definitions) }),
    edge.adapter,
    { ...edge.nestOptions, bufferLogs: true, logger: false, abortOnError: false },
  );
  const logger = app.get(Logger);
  app.useLogger(withoutRoutine(logger));
  edge.apply(app);
  app.get(Readiness).saturatedWhen('requests', () => edge.state.full);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  const { identity, heard } = tokens;
  const closing = () => edge.state.draining;
  const stamp = () => edge.stamp.pairs();
  registerGatewayRoutes(fastify, { contexts, fleet, spans: tracing.recent, identity, heard, closing, stamp });
  await serveDocument(app, document, ABOUT);
  watchFleet(app.get(HealthRegistry), fleet, contexts);
  registerRouting(fleet);
  const shutdown = drainOnSignal({ app, edge, fleet, tokens, discovery, tracing, routingWaitMs });
  await shutdown.whileUp(async () => {
    await fleet.start(probeEveryMs);
    tokens.watch(app.get(HealthRegistry));
    await listen(app, { host, port });
    const missing = await fleet.assembled(startWaitMs); // what begins together is ready together; later on nobody is waited for
    if (shutdown.begun) return;
    if (missing.length > 0) logger.warn(`starts without anybody ready for ${missing.join(', ')}`, 'Boot');
    app.get(Readiness).started();
    logger.log(`ready: ${fleet.all().length} processes for ${routed.join(', ')} at ${await app.getUrl()}`, 'Boot');
  });
}

interface Running {
  app: NestFastifyApplication;
  edge: Edge;
  fleet: Fleet;
  tokens: GatewayTokens;
  discovery: OpenRegistry;
  tracing: Tracing;
  routingWaitMs: number;
}

function drainOnSignal({ app, edge, fleet, tokens, discovery, tracing, routingWaitMs }: Running): Shutdown {
  const leave = (): void => {
    app.get(Readiness).draining();
    edge.state.startDraining();
  };
  return new Shutdown({
    steps: [
      { name: 'not ready', run: leave },
      { name: 'wait for routing', run: waitForRouting(routingWaitMs), limitMs: routingWaitMs + 500 },
      { name: 'stop accepting connections', run: () => edge.state.stopAccepting() },
      { name: 'finish requests', run: () => edge.state.finish(15_000), limitMs: 15_500 },
      { name: 'stop asking about tokens', run: () => tokens.stop() },
      { name: 'close connections to contexts', run: () => Promise.all([fleet.close(), discovery.close()]) },
      { name: 'close application', run: () => app.close() },
      { name: 'flush traces', run: () => tracing.shutdown() },
    ],
  }).listen();
}
