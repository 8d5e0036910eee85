import type { FastifyPluginAsync, FastifyRequest } from 'fastify';
import { afterTheEffect, beforeTheEffect, onTheWebhook } from '../faults/disturbance.js';
import type { Fault, FaultScript } from '../faults/fault-script.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Provider } from '../ledger/payment.js';
import { sameSecret } from '../secrets.js';
import type { WebhookPost } from '../webhooks/webhook-post.js';

interface ControlParts {
  script: FaultScript;
  ledger: Ledger;
  webhooks: WebhookPost;
  controlKey?: string;
  redirectsFollowed(): number;
}

const provider = { enum: ['acme', 'globex'] };

const faultSchema = {
  type: 'object',
  additionalProperties: false,
  required: ['provider', 'operation', 'kind'],
  properties: {
    provider,
    operation: { enum: ['authorise', 'capture', 'void', 'refund', 'ask', '*'] },
    kind: { enum: [...beforeTheEffect, ...afterTheEffect, ...onTheWebhook] },
    times: { type: 'integer', minimum: 1, maximum: 1_000_000, default: 1 },
    delayMs: { type: 'integer', minimum: 0, maximum: 600_000 },
  },
};

const ledgerQuerySchema = {
  type: 'object',
  additionalProperties: false,
  properties: { provider, reference: { type: 'string' } },
};

/** For tests only: script faults, read the ledger. Does not exist for anybody without the key or from another machine. */
export function controlRoutes({
  script,
  ledger,
  webhooks,
  controlKey,
  redirectsFollowed,
}: ControlParts): FastifyPluginAsync {
  return async (app) => {
    app.addHook('onRequest', async (request, reply) => {
      if (!mayControl(request, controlKey)) return reply.callNotFound();
    });

    app.post<{ Body: Fault }>('/faults', { schema: { body: faultSchema } }, (request, reply) => {
      script.add(request.body);
      return reply.code(201).send(request.body);
    });
    app.get('/faults', () => ({ faults: script.list() }));
    app.delete('/faults', (_request, reply) => {
      script.clear();
      return reply.code(204).send();
    });
    app.get<{ Querystring: { provider?: Provider; reference?: string } }>(
      '/ledger',
      { schema: { querystring: ledgerQuerySchema } },
      (request) => ({
        entries: ledger.entries(request.query),
      }),
    );
    app.get('/health', () => ({
      status: 'ok',
      pendingWebhooks: webhooks.pending(),
      pendingOutcomes: ledger.pending(),
      redirectsFollowed: redirectsFollowed(),
    }));
  };
}

function mayControl({ ip, headers }: FastifyRequest, controlKey?: string): boolean {
  const local = ip === '127.0.0.1' || ip === '::1' || ip === '::ffff:127.0.0.1';
  return local && controlKey !== undefined && sameSecret(headers['x-control-key'] as string | undefined, controlKey);
}
