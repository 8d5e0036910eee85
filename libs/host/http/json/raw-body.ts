import { RouteConfig } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import { webhookRoute } from '../concurrency/request-class.js';

const KEEP_RAW_BODY = 'holdfastKeepRawBody';

/**
 * Keeps the bytes of the body beside the parsed value, for routes that verify a signature over what was sent.
 * Read them with Nest's `@RawBody()`. Such a route is a webhook, and shed last.
 *
 * @param types media types accepted besides JSON; their bodies are kept as bytes and not parsed
 * @example
 * @Post('webhooks/globex') @KeepRawBody('application/x-www-form-urlencoded')
 * receive(@RawBody() bytes: Buffer) { … }
 */
export const KeepRawBody = (...types: string[]): MethodDecorator =>
  RouteConfig({ [KEEP_RAW_BODY]: types, ...webhookRoute });

export const keepsRawBody = (request: FastifyRequest): boolean => rawTypes(request) !== undefined;

/** Whether the route takes bodies of this media type as bytes. */
export const takesRaw = (request: FastifyRequest, mediaType: string): boolean =>
  rawTypes(request)?.includes(mediaType) ?? false;

function rawTypes(request: FastifyRequest): string[] | undefined {
  return (request.routeOptions.config as unknown as Record<string, string[] | undefined>)[KEEP_RAW_BODY];
}
