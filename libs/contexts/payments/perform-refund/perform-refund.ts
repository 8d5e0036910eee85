import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PerformRefund } from '../contracts/commands.js';
import { settleRefund } from '../domain/decisions.js';
import { providerKey } from '../domain/provider-key.js';
import { PaymentStore } from '../payment.store.js';
import { OutcomeUnknown, ProviderRefused, askThenCall } from '../provider.call.js';
import { PaymentProviders } from '../provider.js';

@Injectable()
export class PerformRefundHandler {
  constructor(
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
  ) {}

  @Handles(PerformRefund, { ...PATIENT, lane: 'refund' })
  async perform({ orderId, refundId }: DataOf<typeof PerformRefund>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    const { terms, refunds, providerReference, voidRequested } = found.payment;
    const refund = refunds.find((candidate) => candidate.refundId === refundId);
    if (!terms || refund?.status !== 'requested') return;

    const provider = this.providers.of(terms.provider);
    const key = providerKey({ kind: 'refund', paymentId: terms.paymentId, refundId });
    const request = { key, reference: providerReference!, amount: { ...terms.amount, amount: refund.amount } };
    const answer = await askThenCall(
      () => provider.askMovement(key),
      () => provider.refund(request),
    );
    if (answer.kind === 'pending') throw new OutcomeUnknown(`Refund ${refundId} is not decided yet`);
    // A void promised all of the money back; a person has to find another way.
    if (answer.kind === 'refused' && voidRequested) throw new ProviderRefused(`Refund ${refundId}: ${answer.because}`);
    this.payments.record(tx, found, settleRefund(found.payment, refundId, answer));
  }
}
