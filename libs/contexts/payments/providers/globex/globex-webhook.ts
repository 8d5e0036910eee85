import { timingSafeEqualText } from '@holdfast/security';
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SignedWebhook, WebhookReading } from '../../provider.js';
import { isFresh } from '../webhook-age.js';
import { formOf, reasonOf } from './globex-words.js';

const GlobexNotification = z.object({
  notification: z.enum(['HELD', 'REFUSED', 'SETTLED', 'RELEASED', 'REVERSED']),
  merchantRef: z.string(),
  orderRef: z.uuid().toLowerCase(),
  refusalReason: z.string().optional(),
});

export function readGlobexWebhook(webhook: SignedWebhook, secrets: readonly string[]): WebhookReading {
  if (!isSigned(webhook, secrets)) return 'forged';
  const notification = GlobexNotification.safeParse(formOf(webhook.body.toString('utf8')));
  if (!notification.success) return 'irrelevant';
  const { notification: what, merchantRef, orderRef, refusalReason } = notification.data;
  const about = { orderId: orderRef, key: merchantRef };
  if (what === 'HELD') return { ...about, outcome: { kind: 'authorised', reference: merchantRef } };
  if (what === 'REFUSED') return { ...about, outcome: { kind: 'declined', reason: reasonOf(refusalReason) } };
  return { ...about, outcome: { kind: 'done' } };
}

function isSigned({ headers, body, now }: SignedWebhook, secrets: readonly string[]): boolean {
  const time = headers['globex-notify-timestamp'];
  const given = headers['globex-notify-digest'];
  if (typeof time !== 'string' || typeof given !== 'string') return false;
  if (!/^\d{13}$/.test(time) || !isFresh(Number(time), now)) return false;
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${time}\n`).update(body).digest('base64');
    return timingSafeEqualText(given, expected);
  });
}
