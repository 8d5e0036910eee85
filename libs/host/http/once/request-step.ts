import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Type } from '@nestjs/common';

/** A request on its way to its handler: authenticated, its input not yet looked at by the handler. */
export interface Visit {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** Something done around a handler: before it, after it, or instead of it. */
export type Around = (visit: Visit, next: () => Promise<unknown>) => Promise<unknown>;

/** A method of a controller that answers requests. */
export interface Route {
  readonly controller: Type;
  readonly name: string;
  /** Carries what its decorators said. */
  readonly handler: object;
}

/** Decides once per route what is done around its handler; undefined: nothing, and then it costs nothing. */
export interface RequestStep {
  around(route: Route): Around | undefined;
}
