import { openCrashRoom } from '@holdfast/data-consistency';
import { NatsQueries, Queries, newId } from '@holdfast/messaging';
import { Logger, Readiness } from '@holdfast/observability';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { hurry } from '../context/connect.js';
import type { Context } from '../context/context.js';
import { Roads } from '../context/roads.js';
import type { Edge } from '../http/edge.js';
import { requestSteps } from '../http/once/request-steps.js';
import { stepAround } from '../http/once/step-around.js';
import { serveDocs } from '../http/openapi/docs.js';
import { ABOUT } from './about.js';
import { connectionsConfig, openCertificates } from './connections.config.js';
import { composeProcess, type Composition } from './composition.js';
import { listen } from './listen.js';
import { connectContexts, type MountedContext } from './mount.js';
import { processConfig } from './process.config.js';
import { processEdge } from './process-edge.js';
import { seedOnce } from './seed.js';
import { ContextPresence } from '../discovery/context-presence.js';
import { drainOnSignal } from './shut-down.js';
import { explainAndExit } from './start-fault.js';
import { withoutRoutine } from './start-log.js';
import { inWaitingRoom } from './waiting-room.js';
import { watchNats } from './watch-nats.js';
import { watchRoads } from './watch-roads.js';
import { warnOfOrphanedSagas, watchSagas } from './watch-sagas.js';

/**
 * Starts a process that mounts these contexts behind the edge, and keeps it until a signal ends it. `CONTEXTS=a,b` mounts
 * a subset. A fault of configuration or composition ends the start with everything that is wrong and how to mend it.
 *
 * @param name the process's name in logs, traces and the process list
 * @example await boot('orders', [orders]);
 */
export async function boot(name: string, contexts: readonly Context[]): Promise<void> {
  process.title = `holdfast ${name}`;
  try {
    await start(composeProcess(name, contexts));
  } catch (error) {
    explainAndExit(error);
  }
}

async function start(composition: Composition): Promise<void> {
  const { config, tracing, mounted, behindGateway } = composition;
  const { host, port, natsUrl, requestsInside, routingWaitMs, crashPoints } = config.get(processConfig);
  if (crashPoints !== undefined) openCrashRoom(crashPoints, process.env.NODE_ENV === 'production');
  const files = behindGateway ? openCertificates(config) : undefined; // else it is the edge itself, open to all
  const edge = processEdge({
    requestsInside,
    telemetry: { newId, trustCallers: behindGateway }, // it has decided what is recorded; a second throw of the dice would tear traces
    ...(files && { tls: { files, clients: config.get(connectionsConfig).clients } }),
  });
  const needs = { NATS: natsUrl };
  const app = await inWaitingRoom({ host, port, needs, ...(files && { tls: files.current }) }, () =>
    createApplication(composition, edge),
  );
  app.get(Readiness).saturatedWhen('requests', () => edge.state.full);
  connectContexts(app, mounted);
  await answerQueries(app);
  watchRoads(app);
  watchNats(app);
  watchSagas(app);
  const presence = ContextPresence.of(app, { config, mounted });
  const shutdown = drainOnSignal({ app, edge, tracing, routingWaitMs, presence });
  await shutdown.whileUp(async () => {
    await listen(app, { host, port });
    const roads = app.get(Roads);
    for (const road of roads.all()) road.start();
    if (await seedOnce(app, mounted)) await roads.quiet(30_000);
    await warnOfOrphanedSagas(app);
    for (const { database } of roads.all()) hurry(database.pool);
    if (shutdown.begun) return; // nobody is to come any more
    app.get(Readiness).started();
    presence.announce(app);
    announce(app, mounted, await app.getUrl());
  });
}

/** Questions of other processes come in like those of any Nest microservice. */
async function answerQueries(app: NestFastifyApplication): Promise<void> {
  const queries = app.get(Queries);
  if (!(queries instanceof NatsQueries)) return;
  app.connectMicroservice({ strategy: queries.server }, { inheritAppConfig: true });
  await app.startAllMicroservices();
}

async function createApplication({ module, behindGateway }: Composition, edge: Edge): Promise<NestFastifyApplication> {
  const app = await NestFactory.create<NestFastifyApplication>(module, edge.adapter, {
    ...edge.nestOptions,
    bufferLogs: true,
    logger: false, // until ours is there; a start that fails explains itself
    abortOnError: false,
  });
  app.useLogger(withoutRoutine(app.get(Logger)));
  edge.apply(app);
  stepAround(app, requestSteps(app));
  if (!behindGateway) await serveDocs(app, ABOUT); // else the gateway has those of the whole shop
  return app;
}

function announce(app: NestFastifyApplication, mounted: readonly MountedContext[], url: string): void {
  const logger = app.get(Logger);
  logger.log(`ready: ${mounted.map(({ context }) => context.name).join(', ')} at ${url}`, 'Boot');
  for (const { context, module } of mounted) {
    if (!context.notice) continue;
    for (const line of app.select(module).get(context.notice, { strict: true }).lines())
      process.stdout.write(`  ${line}\n`);
  }
}
