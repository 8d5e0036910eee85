import type { Transaction } from '@holdfast/data-consistency';
import { Handles, PATIENT, newId, type DataOf } from '@holdfast/messaging';
import { Injectable } from '@nestjs/common';
import { PerformCapture } from '../contracts/commands.js';
import { settleCapture } from '../domain/decisions.js';
import { providerKey } from '../domain/provider-key.js';
import { PaymentStore } from '../payment.store.js';
import { ProviderRefused, askThenCall } from '../provider.call.js';
import { PaymentProviders } from '../provider.js';

@Injectable()
export class PerformCaptureHandler {
  constructor(
    private readonly payments: PaymentStore,
    private readonly providers: PaymentProviders,
  ) {}

  @Handles(PerformCapture, { ...PATIENT, lane: 'capture' })
  async perform({ orderId }: DataOf<typeof PerformCapture>, tx: Transaction): Promise<void> {
    const found = await this.payments.load(orderId);
    const { terms, captureRequested, captured, held, providerReference } = found.payment;
    if (!terms || !captureRequested || captured > 0) return;

    const provider = this.providers.of(terms.provider);
    const key = providerKey({ kind: 'capture', paymentId: terms.paymentId });
    const request = { key, reference: providerReference!, amount: { ...terms.amount, amount: held } };
    const answer = await askThenCall(
      () => provider.askMovement(key),
      () => provider.capture(request),
    );
    if (answer.kind !== 'done')
      throw new ProviderRefused(`The capture of payment ${terms.paymentId} is ${answer.kind}`);
    this.payments.record(tx, found, settleCapture(found.payment, newId()));
  }
}
