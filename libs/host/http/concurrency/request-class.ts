import type { FastifyRequest } from 'fastify';

/** From most to least worth keeping when there is too much to do. */
export type RequestClass = 'webhook' | 'write' | 'read';

const WEBHOOK = 'holdfastWebhook';

/** For the `config` of a route at which another system tells us what became of our work: it frees what we hold, and is shed last. */
export const webhookRoute = { [WEBHOOK]: true };

/** Safe methods read, all others write. */
export function classOf({ method, routeOptions }: FastifyRequest): RequestClass {
  if ((routeOptions.config as unknown as Record<string, unknown> | undefined)?.[WEBHOOK] === true) return 'webhook';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
