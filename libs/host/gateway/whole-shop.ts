import { loadConfig } from '@holdfast/configuration';
import { contextDatabaseConfig, databaseConfig } from '@holdfast/database';
import { RecentSpans } from '@holdfast/observability';
import type { Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { ABOUT } from '../boot/about.js';
import { ApplicationModule } from '../boot/application.module.js';
import { connectionsConfig } from '../boot/connections.config.js';
import { processConfig } from '../boot/process.config.js';
import { contextModule } from '../context/context.module.js';
import type { Context } from '../context/context.js';
import { tokenConfig } from '../identity/identity.config.js';
import { createEdge } from '../http/edge.js';
import { createDocument } from '../http/openapi/docs.js';
import { routesOfControllers, type ContextRoute } from './context-routes.js';

/** Never connected to. */
const NO_DATABASE = 'postgres://nobody@nowhere.invalid/none';

/** The application that would serve all contexts in one process, read and never run. */
function applicationOf(contexts: readonly Context[]) {
  const databases = contexts.map(({ name }) => contextDatabaseConfig(name));
  const definitions = [processConfig, connectionsConfig, databaseConfig, tokenConfig, ...databases];
  const config = loadConfig(definitions, { DATABASE_URL: NO_DATABASE });
  return ApplicationModule.of({
    name: 'preview',
    mounted: contexts.map((context) => ({ context, module: contextModule(context, config) })),
    config,
    secrets: [],
    spans: new RecentSpans(1),
  });
}

/**
 * The OpenAPI document of all contexts, the same bytes as one process that mounts them all: made from the same
 * controllers in Nest's preview mode, which instantiates nothing and needs no database. It takes the process's logger away
 * (Nest has one for all applications): an application of which something is to be heard is made after it.
 */
export async function documentOf(contexts: readonly Context[]): Promise<OpenAPIObject> {
  const edge = createEdge();
  const app = await NestFactory.create<NestFastifyApplication>(applicationOf(contexts), edge.adapter, {
    ...edge.nestOptions,
    preview: true,
    logger: false,
    abortOnError: false,
  });
  edge.apply(app);
  return createDocument(app, ABOUT);
}

/** The routes for operators that every process has, whatever it mounts. */
export function operationsRoutesOf(contexts: readonly Context[]): ContextRoute[] {
  const controllers = (applicationOf(contexts).controllers ?? []) as Type[];
  return routesOfControllers(controllers).filter(({ path }) => path.startsWith('/ops/'));
}
