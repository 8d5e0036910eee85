import { Req, Res, type INestApplicationContext, type Type } from '@nestjs/common';
import { PATH_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Around, RequestStep, Route } from './request-step.js';

type Handler = (...input: unknown[]) => unknown;
type Controller = Record<string, Handler>;

/**
 * Puts steps around every route's handler, the first one outermost. They run after guards and pipes, where interceptors
 * would, but as plain functions that are chosen once per route: Nest wraps each interceptor in several observables, which
 * cost more than all of these steps do (measured: 30 kB of garbage and a fifth of an order's allocations).
 * Call it before the application's `init` or `listen`, when its controllers exist and its routes do not.
 */
export function stepAround(app: INestApplicationContext, steps: readonly RequestStep[]): void {
  const scanner = new MetadataScanner();
  for (const { instance, metatype } of app.get(DiscoveryService, { strict: false }).getControllers()) {
    const controller = instance as Controller;
    for (const name of scanner.getAllMethodNames((metatype as Type).prototype as object)) {
      const handler = controller[name]!;
      if (!Reflect.hasMetadata(PATH_METADATA, handler)) continue;
      const route = { controller: metatype as Type, name, handler };
      const arounds = steps.flatMap((step) => step.around(route) ?? []);
      if (arounds.length > 0) controller[name] = surrounded(route, arounds);
    }
  }
}

/** The handler with its steps, and everything that decorators said about it. */
function surrounded({ controller, name, handler }: Route & { handler: Handler }, arounds: readonly Around[]): Handler {
  const { request, reply } = visitParameters(controller, name);
  const stepped = function (this: unknown, ...input: unknown[]): Promise<unknown> {
    const visit = { request: input[request] as FastifyRequest, reply: input[reply] as FastifyReply };
    const inside = async (step: number): Promise<unknown> =>
      step === arounds.length ? handler.apply(this, input) : arounds[step]!(visit, () => inside(step + 1));
    return inside(0);
  };
  for (const key of Reflect.getMetadataKeys(handler)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, handler), stepped);
  }
  return stepped;
}

interface Parameters {
  request: number;
  reply: number;
}

const added = new WeakMap<Type, Map<string, Parameters>>();

/** Two more parameters than the handler declares, by Nest's own decorators; the handler does not look at them. */
function visitParameters(controller: Type, name: string): Parameters {
  const ofController = added.get(controller) ?? new Map<string, Parameters>();
  added.set(controller, ofController);
  const before = ofController.get(name);
  if (before) return before; // another application of this process has these controllers too
  const declared = Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, name) as Record<string, { index: number }>;
  const request = Math.max(-1, ...Object.values(declared ?? {}).map(({ index }) => index)) + 1;
  const parameters = { request, reply: request + 1 };
  Req()(controller.prototype as object, name, parameters.request);
  Res({ passthrough: true })(controller.prototype as object, name, parameters.reply);
  ofController.set(name, parameters);
  return parameters;
}
