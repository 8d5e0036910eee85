import { randomBytes } from 'node:crypto';
import type { FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import type { Answer } from '../faults/answer.js';
import type { Counter } from '../faults/counter.js';
import { declineReasonOf, webhookDelayOf } from '../faults/payment-tokens.js';
import type { Ledger } from '../ledger/ledger.js';
import type { Entry, Movement, Operation } from '../ledger/payment.js';
import { toMinorUnits } from './decimal-amount.js';
import { GlobexError, form, globexError, handleGlobexError, refusals } from './globex-errors.js';
import { holdSchema, releaseSchema, reverseSchema, settleSchema, statusSchema } from './globex-schemas.js';
import type { HoldForm, MoveForm } from './globex-schemas.js';
import { instructionView } from './globex-views.js';
import { acceptSignedForms } from './signed-request.js';

interface GlobexParts {
  ledger: Ledger;
  counter: Counter;
  apiKey: string;
  outcomeDelayMs: number;
  expectOutcome(): void;
}

type MoveRequest = FastifyRequest<{ Body: MoveForm }>;

export function globexRoutes({
  ledger,
  counter,
  apiKey,
  outcomeDelayMs,
  expectOutcome,
}: GlobexParts): FastifyPluginAsync {
  return async (app) => {
    app.setErrorHandler(handleGlobexError);
    acceptSignedForms(app, apiKey);

    app.post<{ Body: HoldForm }>('/hold', { schema: { body: holdSchema } }, (request, reply) => {
      const { merchantRef, orderRef, currency, cardToken } = request.body;
      const amount = minorUnits(request.body.amount, currency);
      return counter.serve(reply, { ...visit, operation: 'authorise', key: merchantRef, token: cardToken }, () =>
        existingOr('authorise', merchantRef, () => {
          const entry = ledger.authorise({
            provider: 'globex',
            key: merchantRef,
            id: newId(),
            reference: orderRef,
            amount,
            currency,
            fingerprint: '',
            declineReason: declineReasonOf(cardToken),
            webhookDelayMs: webhookDelayOf(cardToken),
            decidedAfterMs: outcomeDelayMs,
          });
          expectOutcome();
          return entry;
        }),
      );
    });

    const move = (movement: Movement, { body }: MoveRequest, reply: FastifyReply) =>
      counter.serve(reply, { ...visit, operation: movement, key: body.merchantRef }, () =>
        existingOr(movement, body.merchantRef, () => {
          const hold = ledger.find('globex', body.originalRef);
          const payment = hold?.operation === 'authorise' ? ledger.payment('globex', hold.paymentId) : undefined;
          if (!payment) throw new GlobexError(404, 'UNKNOWN_REF', 'No hold is known under originalRef');
          const amount = body.amount === undefined ? undefined : minorUnits(body.amount, payment.currency);
          const instruction = { payment, movement, key: body.merchantRef, id: newId(), amount };
          const made = ledger.move({ ...instruction, fingerprint: '', keepRefusal: false });
          if ('entry' in made) return made.entry;
          throw new GlobexError(409, refusals[made.refusal], 'The instruction does not fit the hold');
        }),
      );
    app.post<{ Body: MoveForm }>('/settle', { schema: { body: settleSchema } }, (q, r) => move('capture', q, r));
    app.post<{ Body: MoveForm }>('/release', { schema: { body: releaseSchema } }, (q, r) => move('void', q, r));
    app.post<{ Body: MoveForm }>('/reverse', { schema: { body: reverseSchema } }, (q, r) => move('refund', q, r));

    app.get<{ Querystring: { merchantRef: string } }>(
      '/status',
      { schema: { querystring: statusSchema } },
      (request, reply) =>
        counter.serve(reply, { ...visit, operation: 'ask' }, () => {
          const entry = ledger.find('globex', request.query.merchantRef);
          return entry
            ? form(200, view(entry))
            : globexError(404, 'UNKNOWN_REF', 'Nothing is known under this merchantRef');
        }),
    );

    const existingOr = (operation: Operation, merchantRef: string, act: () => Entry): Answer => {
      const existing = ledger.find('globex', merchantRef);
      if (existing && existing.operation !== operation) {
        return globexError(409, 'REF_IN_USE', 'This merchantRef belongs to another instruction');
      }
      const entry = existing ?? act();
      return form(entry.outcome === 'pending' ? 202 : 200, {
        ...view(entry),
        duplicate: String(existing !== undefined),
      });
    };

    const view = (entry: Entry) => instructionView(entry, ledger.payment('globex', entry.paymentId)!);
  };
}

const visit = { provider: 'globex', wordError: globexError } as const;

const newId = () => `GX${randomBytes(10).toString('hex').toUpperCase()}`;

function minorUnits(amount: string, currency: string): number {
  const minor = toMinorUnits(amount, currency);
  if (minor === undefined) throw new GlobexError(400, 'BAD_AMOUNT', `Not an amount in ${currency}`);
  return minor;
}
