import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';

const KEEP_RAW_BODY = 'holdfastKeepRawBody';

/**
 * Keeps the bytes of the body beside the parsed value, for routes that verify a signature over what was sent.
 * Read them with Nest's `@RawBody()`.
 *
 * @example
 * @Post('webhooks/acme') @KeepRawBody()
 * receive(@RawBody() bytes: Buffer, @Body() event: AcmeEvent) { … }
 */
export const KeepRawBody = (): MethodDecorator => RouteConfig({ [KEEP_RAW_BODY]: true });

export const keepsRawBody = (request: FastifyRequest): boolean =>
  (request.routeOptions.config as unknown as Record<string, unknown>)[KEEP_RAW_BODY] === true;
