import { UnitOfWork } from '@holdfast/data-consistency';
import { MoneyAmountField, TextField } from '@holdfast/host';
import { newId } from '@holdfast/messaging';
import { Command, CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { requestRefund } from '../domain/decisions.js';
import { noSuchPayment, refundTooLarge } from '../payment.problems.js';
import { PaymentStore } from '../payment.store.js';
import type { RefundView } from '../payment.view.js';

export class RefundBody {
  @MoneyAmountField({ min: 1, example: 450, description: 'minor units of the currency of the payment' })
  amount!: number;

  @TextField({ optional: true, max: 200, example: 'damaged on arrival' })
  reason?: string;
}

export class RefundPayment extends Command<RefundView> {
  constructor(
    readonly paymentId: string,
    readonly input: RefundBody,
  ) {
    super();
  }
}

@CommandHandler(RefundPayment)
export class RefundPaymentHandler implements ICommandHandler<RefundPayment> {
  constructor(
    private readonly work: UnitOfWork,
    private readonly payments: PaymentStore,
  ) {}

  execute({ paymentId, input: { amount, reason } }: RefundPayment): Promise<RefundView> {
    return this.work.run(async (tx) => {
      const found = await this.payments.find(paymentId); // load
      if (!found) throw noSuchPayment();

      const refundId = newId();
      const decision = requestRefund(found.payment, { refundId, amount }); // decide
      if ('refused' in decision) throw refundTooLarge(decision);

      this.payments.record(tx, found, decision); // remember and tell: the provider is called by a message
      if (reason !== undefined) {
        this.payments.keepRefundReason(tx, { orderId: found.orderId, refundId, words: reason });
      }
      return { id: refundId, amount, status: 'requested' };
    });
  }
}
