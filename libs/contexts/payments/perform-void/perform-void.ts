import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PerformVoid } from '../contracts/commands.js';
import { settleAuthorisation, settleVoid } from '../domain/decisions.js';
import type { Terms } from '../domain/payment.js';
import { providerKey } from '../domain/provider-key.js';
import { PaymentStore, type StoredPayment } from '../payment.store.js';
import { OutcomeUnknown, ProviderRefused, askAgainAfter, askThenCall } from '../provider.call.js';
import { PaymentProviders } from '../provider.js';

/** Does not wait for the authorisation's own retries: a cancelled order's money is found and let go by this one. */
@Injectable()
export class PerformVoidHandler {
  constructor(
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
  ) {}

  @Handles(PerformVoid, { ...PATIENT, lane: 'void' })
  async perform({ orderId }: DataOf<typeof PerformVoid>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    const { terms, authorisation, voided, held } = found.payment;
    if (!terms) return;
    if (authorisation === 'requested' && !voided) await this.learnOutcome(tx, found, terms);
    else if (held > 0) await this.letGo(tx, found, terms);
  }

  private async learnOutcome(tx: Transaction, found: StoredPayment, terms: Terms): Promise<void> {
    const { provider, paymentId, orderId, requestedAt } = terms;
    const answer = await this.providers.of(provider).askAuthorisation(providerKey({ kind: 'authorise', paymentId }));
    if (answer.kind === 'unknown') throw new OutcomeUnknown(`The provider does not say: ${answer.because}`);
    if (answer.kind === 'pending') tx.send(PerformVoid, { orderId }, { afterMs: askAgainAfter(tx.now, requestedAt) });
    else this.payments.record(tx, found, settleAuthorisation(found.payment, answer));
  }

  private async letGo(
    tx: Transaction,
    found: StoredPayment,
    { provider: name, paymentId, amount }: Terms,
  ): Promise<void> {
    const provider = this.providers.of(name);
    const key = providerKey({ kind: 'void', paymentId });
    const reference = found.payment.providerReference!;
    const answer = await askThenCall(
      () => provider.askMovement(key),
      () => provider.void({ key, reference, amount }),
    );
    if (answer.kind !== 'done') throw new ProviderRefused(`The void of payment ${paymentId} is ${describe(answer)}`);
    this.payments.record(tx, found, settleVoid(found.payment));
  }
}

const describe = (answer: { kind: string; because?: string }) =>
  [answer.kind, answer.because].filter(Boolean).join(': ');
