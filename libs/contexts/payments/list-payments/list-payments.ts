import { UuidField } from '@holdfast/host';
import type { Principal } from '@holdfast/security';
import { Query, QueryHandler, type IQueryHandler } from '@nestjs/cqrs';
import { isStaff, isVisibleTo } from '../domain/payment.js';
import { noSuchPayment } from '../payment.problems.js';
import { PaymentStore } from '../payment.store.js';
import { paymentView, type PaymentsView } from '../payment.view.js';

export class OfOrder {
  @UuidField({ description: 'whose payments' })
  orderId!: string;
}

export class ListPayments extends Query<PaymentsView> {
  constructor(
    readonly orderId: string,
    readonly by: Principal,
  ) {
    super();
  }
}

/** Folded from the payment's own facts, so it is never behind. */
@QueryHandler(ListPayments)
export class ListPaymentsHandler implements IQueryHandler<ListPayments> {
  constructor(private readonly payments: PaymentStore) {}

  async execute({ orderId, by }: ListPayments): Promise<PaymentsView> {
    const { payment } = await this.payments.load(orderId);
    if (!payment.terms || !isVisibleTo(payment.terms, by)) throw noSuchPayment();
    const reasons = isStaff(by) && payment.refunds.length > 0 ? await this.payments.refundReasons(orderId) : undefined;
    return { items: [paymentView(payment, payment.terms, reasons)], nextCursor: null };
  }
}
