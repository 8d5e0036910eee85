import { randomUUID } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../faults/answer.js';
import type { Counter } from '../faults/counter.js';
import { declineReasonOf, webhookDelayOf } from '../faults/payment-tokens.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Entry, Movement, Operation, Refusal } from '../ledger/payment.js';
import { sameSecret, sha256 } from '../secrets.js';
import { AcmeError, acmeError, handleAcmeError, json, refusals } from './acme-errors.js';
import { amountSchema, chargeSchema, optionalAmountSchema, keyQuerySchema, noFieldsSchema } from './acme-schemas.js';
import type { ChargeBody } from './acme-schemas.js';
import { chargeView, newChargeView, operationView } from './acme-views.js';

interface AcmeParts {
  ledger: Ledger;
  counter: Counter;
  apiKey: string;
}

const prefixes: Record<Operation, string> = { authorise: 'ch', capture: 'cap', void: 'vd', refund: 're' };

export function acmeRoutes({ ledger, counter, apiKey }: AcmeParts): FastifyPluginAsync {
  return async (app) => {
    app.setErrorHandler(handleAcmeError);
    app.addHook('onRequest', async (request) => {
      const [scheme, key] = request.headers.authorization?.split(' ') ?? [];
      const known = scheme?.toLowerCase() === 'bearer' && sameSecret(key, apiKey);
      if (!known) throw new AcmeError(401, 'invalid_api_key', 'Unknown API key');
    });

    app.post<{ Body: ChargeBody }>('/charges', { schema: { body: chargeSchema } }, (request, reply) => {
      const { amount, currency, source, reference } = request.body;
      const key = keyOf(request);
      const fingerprint = fingerprintOf('authorise', '', request.body);
      return counter.serve(reply, { ...visit, operation: 'authorise', key, token: source }, () =>
        replayOr(key, fingerprint, () =>
          ledger.authorise({
            provider: 'acme',
            key,
            id: newId('authorise'),
            reference,
            amount,
            currency,
            fingerprint,
            declineReason: declineReasonOf(source),
            webhookDelayMs: webhookDelayOf(source),
          }),
        ),
      );
    });

    const move = (movement: Movement, request: MoveRequest, reply: FastifyReply) => {
      const { id } = request.params;
      const key = keyOf(request);
      const fingerprint = fingerprintOf(movement, id, request.body ?? {});
      return counter.serve(reply, { ...visit, operation: movement, key }, () =>
        replayOr(key, fingerprint, () => {
          const payment = ledger.payment('acme', id);
          if (!payment) throw new AcmeError(404, 'no_such_charge', 'No such charge');
          const amount = request.body?.amount;
          const made = ledger.move({
            payment,
            movement,
            key,
            id: newId(movement),
            amount,
            fingerprint,
            keepRefusal: true,
          });
          if ('entry' in made) return made.entry;
          throw new AcmeError(409, refusals[made.refusal].code, refusals[made.refusal].message);
        }),
      );
    };
    app.post<Move>('/charges/:id/capture', { schema: { body: optionalAmountSchema } }, (q, r) => move('capture', q, r));
    app.post<Move>('/charges/:id/void', { schema: { body: noFieldsSchema } }, (q, r) => move('void', q, r));
    app.post<Move>('/charges/:id/refunds', { schema: { body: amountSchema } }, (q, r) => move('refund', q, r));

    app.get<Ask>('/charges', { schema: { querystring: keyQuerySchema } }, (request, reply) =>
      counter.serve(reply, ask, () => currentCharge(ledger.find('acme', request.query.idempotency_key))),
    );
    app.get<{ Params: { id: string } }>('/charges/:id', (request, reply) =>
      counter.serve(reply, ask, () => {
        const payment = ledger.payment('acme', request.params.id);
        return currentCharge(payment && ledger.find('acme', payment.key));
      }),
    );
    app.get<Ask>('/operations', { schema: { querystring: keyQuerySchema } }, (request, reply) =>
      counter.serve(reply, ask, () => {
        const entry = ledger.find('acme', request.query.idempotency_key);
        return entry && entry.operation !== 'authorise'
          ? json(200, operationView(entry, failureCode(entry)))
          : neverSeen;
      }),
    );

    const replayOr = (key: string, fingerprint: string, act: () => Entry): Answer => {
      const known = ledger.find('acme', key);
      if (!known) return firstAnswer(act());
      if (known.fingerprint === fingerprint)
        return { ...firstAnswer(known), headers: { 'idempotent-replayed': 'true' } };
      return acmeError(422, 'idempotency_key_reused', 'This Idempotency-Key was used for another request');
    };

    const currentCharge = (entry?: Entry): Answer => {
      const payment = entry?.operation === 'authorise' ? ledger.payment('acme', entry.paymentId) : undefined;
      return entry && payment ? json(200, chargeView(entry, payment)) : neverSeen;
    };
  };
}

interface Move {
  Params: { id: string };
  Body: { amount?: number } | null;
}
type MoveRequest = FastifyRequest<Move>;
interface Ask {
  Querystring: { idempotency_key: string };
}

const visit = { provider: 'acme', wordError: acmeError } as const;
const ask = { ...visit, operation: 'ask' } as const;
const neverSeen = acmeError(404, 'never_seen', 'Nothing is known under this key');

const newId = (operation: Operation) => `${prefixes[operation]}_${randomUUID().replaceAll('-', '')}`;

const failureCode = (entry: Entry) => (entry.outcome === 'refused' ? refusals[entry.reason as Refusal].code : null);

function firstAnswer(entry: Entry): Answer {
  if (entry.operation === 'authorise') return json(201, newChargeView(entry));
  if (entry.outcome === 'done') return json(201, operationView(entry, null));
  const { code, message } = refusals[entry.reason as Refusal];
  return acmeError(409, code, message);
}

function keyOf(request: Pick<FastifyRequest, 'headers'>): string {
  const key = request.headers['idempotency-key'];
  if (typeof key === 'string' && /^[\x21-\x7e]{1,255}$/.test(key)) return key;
  throw new AcmeError(400, 'idempotency_key_required', 'Idempotency-Key must be 1 to 255 printable characters');
}

function fingerprintOf(operation: Operation, id: string, body: object): string {
  return sha256(JSON.stringify([operation, id, Object.entries(body).toSorted(([a], [b]) => (a < b ? -1 : 1))]));
}
