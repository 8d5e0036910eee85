import type { FastifyRequest } from 'fastify';

/** From most to least worth keeping when there is too much to do. */
export type RequestClass = 'webhook' | 'write' | 'read';

const WEBHOOK = 'holdfastWebhook';

/** For the `config` of a route at which another system tells us what became of our work: it frees what we hold, and is shed last. */
export const webhookRoute = { [WEBHOOK]: true };

/** Whether the `config` of a route says so. */
export const isWebhook = (config: unknown): boolean =>
  (config as Record<string, unknown> | undefined)?.[WEBHOOK] === true;

/** Safe methods read, all others write. */
export function classOf({ method, routeOptions }: FastifyRequest): RequestClass {
  if (isWebhook(routeOptions.config)) return 'webhook';
  return method === 'GET' || method === 'HEAD' ? 'read' : 'write';
}
