import type { Transaction } from '@holdfast/data-consistency';
import { Handles, newId, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { VoidPayment } from '../contracts/commands.js';
import { PaymentVoided } from '../contracts/events.js';
import { requestVoid } from '../domain/decisions.js';
import { PaymentStore } from '../payment.store.js';

@Injectable()
export class OnVoidPayment {
  constructor(private readonly payments: PaymentStore) {}

  @Handles(VoidPayment)
  async void({ orderId }: DataOf<typeof VoidPayment>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    if (found.payment.voided) tx.emit(PaymentVoided, { orderId });
    else this.payments.record(tx, found, requestVoid(found.payment, newId()));
  }
}
