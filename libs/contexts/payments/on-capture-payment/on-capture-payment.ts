import type { Transaction } from '@holdfast/data-consistency';
import { Handles, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { CapturePayment } from '../contracts/commands.js';
import { requestCapture } from '../domain/decisions.js';
import { tellCaptured } from '../payment.announcements.js';
import { PaymentStore } from '../payment.store.js';

@Injectable()
export class OnCapturePayment {
  constructor(private readonly payments: PaymentStore) {}

  @Handles(CapturePayment)
  async capture({ orderId }: DataOf<typeof CapturePayment>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    if (found.payment.captured > 0) return tellCaptured(tx, found.payment);

    const decision = requestCapture(found.payment);
    if ('refused' in decision) throw new Error(`Payment of order ${orderId} cannot be captured: ${decision.refused}`);
    this.payments.record(tx, found, decision);
  }
}
