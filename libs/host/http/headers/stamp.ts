import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ServerResponse } from 'node:http';
import { instanceOf } from '../problem/send-problem.js';
import { API_POLICY, helmetHeaders, policies } from './security-headers.js';

const STAMPS_ITSELF = 'holdfastStampsItself';

/** For the `config` of a route whose handler writes its heads itself, {@link Stamp.pairs} in them: one step instead of many. */
export const stampsItself = { [STAMPS_ITSELF]: true };

/** The headers that every answer carries, whoever writes it. */
export class Stamp {
  private always: [name: string, value: string][] = [];
  private readonly policyOf: (path: string) => string;

  /** @param pages content security policy of pages, by path prefix */
  constructor(pages: Record<string, string>) {
    this.policyOf = policies(pages);
  }

  watch(fastify: FastifyInstance): void {
    fastify.addHook('onReady', async () => {
      this.always = await helmetHeaders();
    });
    fastify.addHook('onRequest', (request, reply, done) => {
      // On Node's response, so that answers written by Nest middleware carry them as well.
      if (!isStampedLater(request)) this.onto(reply.raw, request);
      done();
    });
    fastify.addHook('onSend', (request, reply, payload, done) => {
      if (isStampedLater(request)) this.onto(reply.raw, request);
      done(null, payload);
    });
  }

  /** Names and values in turn of what an answer of the API carries; the request id is not among it. From the start on. */
  pairs(): string[] {
    return [...this.always.flat(), 'content-security-policy', API_POLICY];
  }

  private onto(response: ServerResponse, request: FastifyRequest): void {
    for (const [name, value] of this.always) response.setHeader(name, value);
    response.setHeader('x-request-id', request.id);
    response.setHeader('content-security-policy', this.policyOf(instanceOf(request.raw.url)));
  }
}

function isStampedLater(request: FastifyRequest): boolean {
  return (request.routeOptions.config as unknown as Record<string, unknown> | undefined)?.[STAMPS_ITSELF] === true;
}
