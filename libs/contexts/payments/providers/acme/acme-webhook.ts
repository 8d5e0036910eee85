import { timingSafeEqualText } from '@holdfast/security';
import { createHmac } from 'node:crypto';
import { z } from 'zod';
import type { SignedWebhook, WebhookReading } from '../../provider.js';
import { isFresh } from '../webhook-age.js';
import { reasonOf } from './acme-words.js';

const AcmeEvent = z.object({
  type: z.enum(['charge.authorized', 'charge.declined', 'charge.captured', 'charge.voided', 'charge.refunded']),
  data: z.object({
    id: z.string().min(1),
    reference: z.uuid().toLowerCase(),
    decline_code: z.string().nullable(),
    idempotency_key: z.string(),
  }),
});

export function readAcmeWebhook(webhook: SignedWebhook, secrets: readonly string[]): WebhookReading {
  if (!isSigned(webhook, secrets)) return 'forged';
  const event = AcmeEvent.safeParse(jsonOf(webhook.body));
  if (!event.success) return 'irrelevant';
  const { type, data } = event.data;
  const about = { orderId: data.reference, key: data.idempotency_key };
  if (type === 'charge.authorized') return { ...about, outcome: { kind: 'authorised', reference: data.id } };
  if (type === 'charge.declined')
    return { ...about, outcome: { kind: 'declined', reason: reasonOf(data.decline_code) } };
  return { ...about, outcome: { kind: 'done' } };
}

/** `t=<unix seconds>,v1=<hex>`, the signature over `<t>.<body>`; more than one v1 while a secret is being changed. */
function isSigned({ headers, body, now }: SignedWebhook, secrets: readonly string[]): boolean {
  const header = headers['acme-signature'];
  if (typeof header !== 'string' || header.length > 1_000) return false;
  const parts = header.split(',').map((part) => part.split('=', 2));
  const times = parts.flatMap(([name, value]) => (name === 't' && value !== undefined ? [value] : []));
  const signatures = parts.flatMap(([name, value]) => (name === 'v1' && value !== undefined ? [value] : []));
  const [time] = times;
  if (times.length !== 1 || !/^\d{1,11}$/.test(time!) || !isFresh(Number(time) * 1_000, now)) return false;
  return secrets.some((secret) => {
    const expected = createHmac('sha256', secret).update(`${time}.`).update(body).digest('hex');
    return signatures.some((given) => timingSafeEqualText(given, expected));
  });
}

export function jsonOf(body: Buffer | string): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return undefined;
  }
}
