import { HealthController, MetricsController } from '@holdfast/observability';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ApiExcludeController, DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { describeOperations } from './operations.js';
import { routesOf } from './routes-of.js';
import { sortDocument } from './sort-document.js';

// Probes are no part of the document. Said here: observability, and whoever stands on it, needs no Swagger.
for (const controller of [HealthController, MetricsController]) ApiExcludeController()(controller);

export interface DocsOptions {
  title: string;
  version: string;
  description?: string;
}

/** The OpenAPI document of everything mounted: the same bytes for the same routes. Call after `edge.apply(app)`. */
export function createDocument(
  app: NestFastifyApplication,
  { title, version, description }: DocsOptions,
): OpenAPIObject {
  const config = new DocumentBuilder()
    .setOpenAPIVersion('3.0.3')
    .setTitle(title)
    .setVersion(version)
    .setDescription(description ?? '')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'JWT' }, 'bearer')
    .build();
  const document = SwaggerModule.createDocument(app, config, {
    operationIdFactory: (controller, method) => `${controller}_${method}`,
  });
  describeOperations(document, routesOf(app));
  return sortDocument(document);
}

/** Serves the document at `/docs` (Swagger UI), `/docs-json` and `/docs-yaml`. */
export function serveDocs(app: NestFastifyApplication, options: DocsOptions): Promise<OpenAPIObject> {
  return serveDocument(app, createDocument(app, options), options);
}

/** Serves a document that was made elsewhere, at the same places. */
export async function serveDocument(
  app: NestFastifyApplication,
  document: OpenAPIObject,
  { title }: Pick<DocsOptions, 'title'>,
): Promise<OpenAPIObject> {
  await import('@fastify/static'); // else Swagger would, and end the process when it cannot
  SwaggerModule.setup('docs', app, document, {
    customSiteTitle: title,
    swaggerOptions: {
      persistAuthorization: true,
      displayRequestDuration: true,
      tryItOutEnabled: true,
      validatorUrl: null,
    },
  });
  return document;
}
