import type { RecentSpans } from '@holdfast/observability';
import { countRouting, type Fleet } from '@holdfast/routing';
import type { FastifyInstance, HTTPMethods } from 'fastify';
import type { Context } from '../context/context.js';
import { webhookRoute } from '../http/concurrency/request-class.js';
import { stampsItself } from '../http/headers/stamp.js';
import { routesOfControllers } from './context-routes.js';
import type { EdgeIdentity } from './edge-identity.js';
import type { Pairs } from './headers.js';
import { OperationsRoutes } from './operations-routes.js';
import { PassThrough, type PassThroughOptions } from './pass-through.js';
import { operationsRoutesOf } from './whole-shop.js';

export interface GatewayRoutesOptions {
  contexts: readonly Context[];
  fleet: Fleet;
  spans: Pick<RecentSpans, 'trace'>;
  identity: EdgeIdentity;
  /** Told the headers of every answer of a context. */
  heard: NonNullable<PassThroughOptions['heard']>;
  /** Whether clients are to come back over a new connection. */
  closing: () => boolean;
  /** What every answer carries. */
  stamp: () => Pairs;
}

/** Registers every route of every context, to be passed on to the process that mounts it. Bodies are not read here. */
export function registerGatewayRoutes(fastify: FastifyInstance, options: GatewayRoutesOptions): void {
  const { contexts, fleet, spans, identity, heard, closing, stamp } = options;
  const passThrough = new PassThrough(fleet, { identity, heard, closing, stamp, retried: countRouting.retried });
  const operations = new OperationsRoutes(fleet, passThrough, identity, { spans });
  void fastify.register((scope, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser('*', (_request, payload, parsed) => parsed(null, payload));
    for (const { name, controllers } of contexts) {
      for (const { method, path, open, webhook } of routesOfControllers(controllers)) {
        const passage = { audience: name, open };
        const handler: Parameters<typeof scope.route>[0]['handler'] = (request, reply) =>
          passThrough.forward(passage, request, reply);
        const config = { ...stampsItself, ...(webhook && webhookRoute) };
        scope.route({ method: method as HTTPMethods, url: path, handler, config });
      }
    }
    for (const route of operationsRoutesOf(contexts)) {
      scope.route({
        method: route.method as HTTPMethods,
        url: route.path,
        config: stampsItself,
        handler: (request, reply) => operations.answer(route, request, reply),
      });
    }
    done();
  });
}
