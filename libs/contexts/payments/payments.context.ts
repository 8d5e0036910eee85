import { defineContext } from '@holdfast/host';
import {
  PerformAuthorisation,
  PerformCapture,
  PerformRefund,
  PerformVoid,
  RecordProviderNews,
} from './contracts/commands.js';
import {
  PaymentAuthorised,
  PaymentCaptured,
  PaymentDeclined,
  PaymentRefunded,
  PaymentVoided,
  RefundRefused,
} from './contracts/events.js';
import { paymentsConfig } from './payments.config.js';
import { PaymentsModule } from './payments.module.js';

/** Takes the money of an order once, gives it back when asked, and can account for every cent. */
export const payments = defineContext({
  name: 'payments',
  module: PaymentsModule,
  concurrency: 24, // a handler that waits for a provider holds no connection
  emits: [PaymentAuthorised, PaymentDeclined, PaymentCaptured, PaymentVoided, PaymentRefunded, RefundRefused],
  sends: [PerformAuthorisation, PerformVoid, PerformCapture, PerformRefund, RecordProviderNews],
  asks: [],
  config: [paymentsConfig],
});
