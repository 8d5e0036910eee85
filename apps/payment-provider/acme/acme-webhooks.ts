import type { Entry } from '../ledger/payment.js';
import { hmacSha256 } from '../secrets.js';
import type { ProviderSecrets } from '../settings.js';
import type { WebhookStyle } from '../webhooks/webhook-post.js';

const states = { authorise: 'authorized', capture: 'captured', void: 'voided', refund: 'refunded' } as const;

export function acmeWebhooks({ webhookSecret }: ProviderSecrets): WebhookStyle {
  return {
    contentType: 'application/json',
    write(entry: Entry) {
      const state = entry.outcome === 'declined' ? 'declined' : states[entry.operation];
      return JSON.stringify({
        id: `evt_${entry.id}`,
        type: `charge.${state}`,
        created: Math.floor(Date.now() / 1000),
        data: {
          id: entry.paymentId,
          object: 'charge',
          state,
          amount: entry.amount,
          currency: entry.currency,
          reference: entry.reference,
          decline_code: entry.reason,
          idempotency_key: entry.key,
          operation: entry.operation === 'authorise' ? null : entry.id,
        },
      });
    },
    sign(body, now) {
      const t = Math.floor(now / 1000);
      return { 'acme-signature': `t=${t},v1=${hmacSha256(webhookSecret, `${t}.${body}`).digest('hex')}` };
    },
  };
}
