import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PerformAuthorisation } from '../contracts/commands.js';
import { settleAuthorisation } from '../domain/decisions.js';
import { providerKey } from '../domain/provider-key.js';
import { PaymentStore } from '../payment.store.js';
import { askAgainAfter, askThenCall, decided } from '../provider.call.js';
import { PaymentProviders } from '../provider.js';

/** The only place that asks a provider for money. */
@Injectable()
export class PerformAuthorisationHandler {
  constructor(
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
  ) {}

  @Handles(PerformAuthorisation, { ...PATIENT, lane: 'authorise' })
  async perform({ orderId, token }: DataOf<typeof PerformAuthorisation>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    const { terms, authorisation, voidRequested, voided } = found.payment;
    if (!terms || authorisation !== 'requested') return;

    const { paymentId, amount, requestedAt } = terms;
    const provider = this.providers.of(terms.provider);
    const key = providerKey({ kind: 'authorise', paymentId });
    const ask = () => provider.askAuthorisation(key);

    // Nobody wants the money any more, but an earlier attempt may have got it: ask, do not call.
    const answer =
      voidRequested || voided
        ? await ask()
        : await askThenCall(ask, () => provider.authorise({ key, orderId, amount, token }));

    if (answer.kind === 'pending')
      tx.send(PerformAuthorisation, { orderId, token }, { afterMs: askAgainAfter(tx.now, requestedAt) });
    else if (answer.kind === 'never-seen') this.payments.record(tx, found, settleAuthorisation(found.payment, answer));
    else this.payments.record(tx, found, settleAuthorisation(found.payment, decided(answer)));
  }
}
