import type { Transaction } from '@holdfast/data-consistency';
import { Handles, newId, type DataOf } from '@holdfast/messaging';
import { Injectable, Logger } from '@nestjs/common';
import { RecordProviderNews } from '../contracts/commands.js';
import { settleAuthorisation, settleCapture, settleRefund, settleVoid } from '../domain/decisions.js';
import { DECLINE_REASONS, type DeclineReason, type Payment, type PaymentFact } from '../domain/payment.js';
import { operationOf, type Operation } from '../domain/provider-key.js';
import { PaymentStore } from '../payment.store.js';

type News = DataOf<typeof RecordProviderNews>;

/**
 * What a webhook said, in line with the order's other messages: no race, and nothing new means no effect. Nobody is believed
 * about money that another provider moves.
 */
@Injectable()
export class RecordProviderNewsHandler {
  private readonly log = new Logger(RecordProviderNewsHandler.name);

  constructor(private readonly payments: PaymentStore) {}

  @Handles(RecordProviderNews)
  async record({ provider, orderId, key, outcome }: News, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    const { terms } = found.payment;
    const operation = operationOf(key);
    if (!operation || operation.paymentId !== terms?.paymentId || (provider ?? terms.provider) !== terms.provider) {
      this.log.warn(`Order ${orderId}: a provider reports on a payment that is not ours, or not with it`);
      return;
    }
    this.payments.record(tx, found, factsOf(found.payment, operation, outcome));
  }
}

function factsOf(payment: Payment, operation: Operation, outcome: News['outcome']): PaymentFact[] {
  if (operation.kind === 'authorise') return authorisationFacts(payment, outcome);
  if (outcome.kind !== 'done') return [];
  switch (operation.kind) {
    case 'capture':
      return settleCapture(payment, newId());
    case 'void':
      return settleVoid(payment);
    case 'refund':
      return settleRefund(payment, operation.refundId, outcome);
  }
}

function authorisationFacts(payment: Payment, outcome: News['outcome']): PaymentFact[] {
  switch (outcome.kind) {
    case 'authorised':
      return settleAuthorisation(payment, outcome);
    case 'declined':
      return settleAuthorisation(payment, { kind: 'declined', reason: reasonOf(outcome.reason) });
    case 'done':
      return [];
  }
}

const reasonOf = (reason: string): DeclineReason =>
  DECLINE_REASONS.find((known) => known === reason) ?? 'refused-by-provider';
