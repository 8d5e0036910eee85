import type { Entry } from '../ledger/payment.js';
import { hmacSha256 } from '../secrets.js';
import type { ProviderSecrets } from '../settings.js';
import type { WebhookStyle } from '../webhooks/webhook-post.js';
import { toDecimal } from './decimal-amount.js';
import { statusOf } from './globex-views.js';

export function globexWebhooks({ webhookSecret }: ProviderSecrets): WebhookStyle {
  return {
    contentType: 'application/x-www-form-urlencoded',
    write(entry: Entry) {
      return new URLSearchParams({
        notificationId: `N${entry.id}`,
        notification: statusOf(entry),
        merchantRef: entry.key,
        orderRef: entry.reference,
        transactionId: entry.id,
        holdTransactionId: entry.paymentId,
        amount: toDecimal(entry.amount, entry.currency),
        currency: entry.currency,
        ...(entry.reason && { refusalReason: entry.reason.toUpperCase() }),
        occurredAt: new Date().toISOString(),
      }).toString();
    },
    sign(body, now) {
      const digest = hmacSha256(webhookSecret, `${now}\n${body}`).digest('base64');
      return { 'globex-notify-timestamp': String(now), 'globex-notify-digest': digest };
    },
  };
}
