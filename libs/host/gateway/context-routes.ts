import { accessRuleOf } from '@holdfast/security';
import { RequestMethod, VERSION_NEUTRAL, type Type } from '@nestjs/common';
import { METHOD_METADATA, PATH_METADATA, VERSION_METADATA } from '@nestjs/common/constants.js';
import { MetadataScanner } from '@nestjs/core';
import { FASTIFY_ROUTE_CONFIG_METADATA } from '@nestjs/platform-fastify/constants.js';
import { OUTSIDE_API } from '../http/edge.js';
import { isWebhook } from '../http/concurrency/request-class.js';

/** One way into a context, as the router spells it: `GET /api/v1/orders/:id`. */
export interface ContextRoute {
  method: string;
  path: string;
  /** Whether anybody may call it, also with a token that cannot be judged. */
  open: boolean;
  /** Whether another system tells us something there. */
  webhook: boolean;
}

const scanner = new MetadataScanner();

/**
 * The routes of controllers, read from their decorators under the rules of the edge (prefix `/api`, version in the
 * path). No controller is instantiated.
 *
 * @example routesOfControllers([OrdersController]) // [{ method: 'POST', path: '/api/v1/orders', open: false, webhook: false }, …]
 */
export function routesOfControllers(controllers: readonly Type[]): ContextRoute[] {
  return controllers.flatMap((controller) =>
    scanner.getAllMethodNames(controller.prototype as object).flatMap((name) => routesOfMethod(controller, name)),
  );
}

function routesOfMethod(controller: Type, name: string): ContextRoute[] {
  const handler = (controller.prototype as Record<string, Function>)[name]!;
  const method = Reflect.getMetadata(METHOD_METADATA, handler) as RequestMethod | undefined;
  if (method === undefined) return [];
  const open = accessRuleOf(handler, controller)?.kind === 'open';
  const webhook = isWebhook(Reflect.getMetadata(FASTIFY_ROUTE_CONFIG_METADATA, handler));
  const heads = listOf(Reflect.getMetadata(PATH_METADATA, controller));
  const tails = listOf(Reflect.getMetadata(PATH_METADATA, handler));
  const versions = [versionOf(handler) ?? versionOf(controller) ?? '1'].flat();
  return heads.flatMap((head) =>
    tails.flatMap((tail) =>
      versions.map((version) => ({ method: RequestMethod[method], path: pathOf(version, head, tail), open, webhook })),
    ),
  );
}

type Version = string | typeof VERSION_NEUTRAL | (string | typeof VERSION_NEUTRAL)[];

const versionOf = (target: Function) => Reflect.getMetadata(VERSION_METADATA, target) as Version | undefined;

const listOf = (path: string | string[] | undefined): string[] => [path ?? ''].flat();

function pathOf(version: string | symbol, ...parts: string[]): string {
  const segments = parts.flatMap((part) => part.split('/')).filter(Boolean);
  const prefix = OUTSIDE_API.includes(segments[0] ?? '') ? [] : ['api'];
  const versioned = version === VERSION_NEUTRAL ? [] : [`v${String(version)}`];
  return `/${[...prefix, ...versioned, ...segments].join('/')}`;
}
