import type { Transaction } from '@holdfast/data-consistency';
import { Handles, newId, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { AuthorisePayment, PerformAuthorisation } from '../contracts/commands.js';
import { PaymentDeclined } from '../contracts/events.js';
import { requestPayment } from '../domain/decisions.js';
import type { Payment } from '../domain/payment.js';
import { tellAuthorised, tellDeclined } from '../payment.announcements.js';
import { PaymentStore } from '../payment.store.js';
import { PaymentProviders } from '../provider.js';

/** Records the intent; the provider is called by a message of our own, so that a crash in between loses nothing. */
@Injectable()
export class OnAuthorisePayment {
  constructor(
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
  ) {}

  @Handles(AuthorisePayment)
  async authorise(command: DataOf<typeof AuthorisePayment>, tx: Transaction): Promise<void> {
    const { orderId, customerId, amount, method } = command;
    const found = await this.payments.load(orderId);
    if (found.payment.authorisation !== 'none') return answerAgain(tx, found.payment);

    const paymentId = newId();
    if (found.payment.voided) return tx.emit(PaymentDeclined, { orderId, paymentId, reason: 'voided' });

    const { provider, token } = method;
    const terms = { paymentId, orderId, customerId, provider, amount, requestedAt: tx.now.toISOString() };
    const known = this.providers.find(provider) !== undefined;
    this.payments.record(tx, found, requestPayment(terms, known));
    // The token goes to whoever calls the provider and is not kept in the facts.
    if (known) tx.send(PerformAuthorisation, { orderId, token });
  }
}

function answerAgain(tx: Transaction, payment: Payment): void {
  if (payment.authorisation === 'requested') return; // the answer is under way
  if (payment.authorisation === 'declined' || payment.voidRequested || payment.voided) tellDeclined(tx, payment);
  else tellAuthorised(tx, payment);
}
