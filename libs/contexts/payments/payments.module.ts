import type { ConfigOf } from '@holdfast/configuration';
import { Module } from '@nestjs/common';
import { ListPaymentsHandler } from './list-payments/list-payments.js';
import { OnAuthorisePayment } from './on-authorise-payment/on-authorise-payment.js';
import { OnCapturePayment } from './on-capture-payment/on-capture-payment.js';
import { OnRefundPayment } from './on-refund-payment/on-refund-payment.js';
import { OnVoidPayment } from './on-void-payment/on-void-payment.js';
import { PaymentStore } from './payment.store.js';
import { paymentsConfig } from './payments.config.js';
import { PaymentsController } from './payments.controller.js';
import { PerformAuthorisationHandler } from './perform-authorisation/perform-authorisation.js';
import { PerformCaptureHandler } from './perform-capture/perform-capture.js';
import { PerformRefundHandler } from './perform-refund/perform-refund.js';
import { PerformVoidHandler } from './perform-void/perform-void.js';
import { PaymentProviders } from './provider.js';
import { AcmeProvider } from './providers/acme/acme-provider.js';
import { GlobexProvider } from './providers/globex/globex-provider.js';
import { ReceiveWebhookHandler } from './receive-webhook/receive-webhook.js';
import { RecordProviderNewsHandler } from './record-provider-news/record-provider-news.js';
import { RefundPaymentHandler } from './refund-payment/refund-payment.js';

const eitherOf = (current: string, previous: string | undefined) =>
  previous === undefined ? [current] : [current, previous];

function providersFrom(config: ConfigOf<typeof paymentsConfig>): PaymentProviders {
  const acme = new AcmeProvider({
    url: config.acmeUrl,
    apiKey: config.acmeApiKey,
    webhookSecrets: eitherOf(config.acmeWebhookSecret, config.acmePreviousWebhookSecret),
    timeoutMs: config.providerTimeoutMs,
  });
  const globex = new GlobexProvider({
    url: config.globexUrl,
    apiKey: config.globexApiKey,
    webhookSecrets: eitherOf(config.globexWebhookSecret, config.globexPreviousWebhookSecret),
    timeoutMs: config.providerTimeoutMs,
  });
  return new PaymentProviders(
    new Map<string, AcmeProvider | GlobexProvider>([
      ['acme', acme],
      ['globex', globex],
    ]),
  );
}

@Module({
  controllers: [PaymentsController],
  providers: [
    { provide: PaymentProviders, useFactory: providersFrom, inject: [paymentsConfig.KEY] },
    PaymentStore,
    OnAuthorisePayment,
    OnVoidPayment,
    OnCapturePayment,
    OnRefundPayment,
    PerformAuthorisationHandler,
    PerformVoidHandler,
    PerformCaptureHandler,
    PerformRefundHandler,
    RecordProviderNewsHandler,
    ReceiveWebhookHandler,
    RefundPaymentHandler,
    ListPaymentsHandler,
  ],
})
export class PaymentsModule {}
