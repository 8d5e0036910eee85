import { loadConfig, withDotEnv } from '@holdfast/configuration';
import {
  HealthRegistry,
  Logger,
  Readiness,
  currentTraceId,
  identityOf,
  observeHttp,
  startTracing,
  type Tracing,
} from '@holdfast/observability';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { ABOUT } from '../boot/about.js';
import { processConfig } from '../boot/process.config.js';
import { explainAndExit } from '../boot/start-fault.js';
import { withoutRoutine } from '../boot/start-log.js';
import type { Context } from '../context/context.js';
import { FixedLimit } from '../http/concurrency/concurrency-limit.js';
import { createEdge, type Edge } from '../http/edge.js';
import { serveDocument } from '../http/openapi/docs.js';
import { libraryProblems } from '../http/problem/library-problems.js';
import { Shutdown, waitForRouting } from '../shutdown/shutdown.js';
import { gatewayConfig } from './gateway.config.js';
import { registerGatewayRoutes } from './gateway-routes.js';
import { GatewayModule } from './gateway.module.js';
import { InvalidTargets, readTargets } from './target-registry.js';
import { Targets } from './targets.js';
import { watchTargets } from './watch-targets.js';
import { documentOf } from './whole-shop.js';

/**
 * Starts the edge alone: it knows every route of these contexts, mounts none of them, and passes requests on to the
 * processes that `HOLDFAST_TARGETS` names.
 *
 * @example await bootGateway('gateway', [users, orders]);
 */
export async function bootGateway(name: string, contexts: readonly Context[]): Promise<void> {
  process.title = `holdfast ${name}`;
  try {
    await start(name, contexts);
  } catch (error) {
    if (!(error instanceof InvalidTargets)) explainAndExit(error);
    process.stderr.write(`\nHoldfast cannot start.\n${error.message}\n\n`);
    process.exit(1);
  }
}

async function start(name: string, contexts: readonly Context[]): Promise<void> {
  const config = loadConfig([processConfig, gatewayConfig], withDotEnv('.env', process.env));
  const { port, requestsInside, routingWaitMs, otlpEndpoint } = config.get(processConfig);
  const { targets: registry, timeoutMs, connections, probeEveryMs } = config.get(gatewayConfig);
  const routed = contexts.filter(({ controllers }) => controllers.length > 0).map((context) => context.name);
  const targets = new Targets(readTargets(registry, routed), { timeoutMs, connections });
  const tracing = startTracing({ serviceName: name, ...(otlpEndpoint && { otlpEndpoint }) });
  const edge = createEdge({
    traceId: (request) => identityOf(request as FastifyRequest)?.traceId ?? currentTraceId(),
    errors: libraryProblems,
    limit: new FixedLimit(requestsInside),
  });
  const app = await NestFactory.create<NestFastifyApplication>(
    GatewayModule.of({ name, config, contexts }),
    edge.adapter,
    { ...edge.nestOptions, bufferLogs: true, logger: false, abortOnError: false },
  );
  const logger = app.get(Logger);
  app.useLogger(withoutRoutine(logger));
  edge.apply(app);
  const fastify = app.getHttpAdapter().getInstance() as unknown as FastifyInstance;
  observeHttp(fastify, { log: (line) => logger.log({ msg: 'request', ...line }, 'Http') });
  registerGatewayRoutes(fastify, { contexts, targets, spans: tracing.recent, closing: () => edge.state.draining });
  serveDocument(app, await documentOf(contexts), ABOUT);
  watchTargets(app.get(HealthRegistry), targets);
  drainOnSignal({ app, edge, targets, tracing, routingWaitMs });
  await targets.watch(probeEveryMs);
  await app.listen(port, '0.0.0.0');
  app.get(Readiness).started();
  logger.log(`ready: ${targets.all().length} processes for ${routed.join(', ')} at ${await app.getUrl()}`, 'Boot');
}

interface Running {
  app: NestFastifyApplication;
  edge: Edge;
  targets: Targets;
  tracing: Tracing;
  routingWaitMs: number;
}

function drainOnSignal({ app, edge, targets, tracing, routingWaitMs }: Running): void {
  const leave = (): void => {
    app.get(Readiness).draining();
    edge.state.startDraining();
  };
  new Shutdown({
    steps: [
      { name: 'not ready', run: leave },
      { name: 'wait for routing', run: waitForRouting(routingWaitMs), limitMs: routingWaitMs + 500 },
      { name: 'stop accepting connections', run: () => edge.state.stopAccepting() },
      { name: 'finish requests', run: () => edge.state.finish(15_000), limitMs: 15_500 },
      { name: 'close connections to contexts', run: () => targets.close() },
      { name: 'close application', run: () => app.close() },
      { name: 'flush traces', run: () => tracing.shutdown() },
    ],
  }).listen();
}
