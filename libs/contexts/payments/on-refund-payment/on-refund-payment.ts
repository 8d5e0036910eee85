import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { RefundPayment } from '../contracts/commands.js';
import { refuseRefund, requestRefund } from '../domain/decisions.js';
import { tellRefundRefused, tellRefunded } from '../payment.announcements.js';
import { PaymentStore } from '../payment.store.js';

/** A neighbour wants money given back under an id of its own, so however often it asks, it is one refund. */
@Injectable()
export class OnRefundPayment {
  constructor(private readonly payments: PaymentStore) {}

  @Handles(RefundPayment)
  async refund(
    { orderId, refundId, amount: { amount } }: DataOf<typeof RefundPayment>,
    tx: Transaction,
  ): Promise<void> {
    const found = await this.payments.load(orderId);
    if (!found.payment.terms) throw new Error(`There is no payment of order ${orderId} to refund`);
    const known = found.payment.refunds.find((one) => one.refundId === refundId);
    switch (known?.status) {
      case 'refunded':
        return tellRefunded(tx, found.payment, known);
      case 'refused':
        return tellRefundRefused(tx, found.payment, refundId);
      case 'requested':
        return; // the answer is under way
    }
    const decision = requestRefund(found.payment, { refundId, amount });
    this.payments.record(tx, found, 'refused' in decision ? refuseRefund({ refundId, amount }, decision) : decision);
  }
}
