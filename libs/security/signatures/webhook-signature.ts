import { createHmac } from 'node:crypto';
import { timingSafeEqualText } from './timing-safe.js';

/** The signed parts of a webhook, as defined by Standard Webhooks 1.0.0. */
export interface WebhookParts {
  /** `webhook-id`: the same for every attempt to deliver one message. Without dots. */
  readonly id: string;
  /** `webhook-timestamp`: seconds since 1970. */
  readonly timestamp: number;
  /** The raw request body, byte for byte as it travelled. */
  readonly body: string | Uint8Array;
}

/** A received webhook and what it takes to believe it. */
export interface ReceivedWebhook extends WebhookParts {
  /** The `webhook-signature` header: one or more `v1,<base64>` separated by spaces. */
  readonly signature: string;
  /** Secrets that may have signed it; two while a secret is being changed. */
  readonly secrets: readonly (string | Uint8Array)[];
  readonly now: Date;
  /** Largest accepted age, and distance into the future, in seconds. Default 300. */
  readonly toleranceSeconds?: number;
}

/**
 * Signs a webhook: `v1,` and the base64 HMAC-SHA256 of `id.timestamp.body` (Standard Webhooks 1.0.0).
 *
 * @throws TypeError when the id is empty or has a dot, or the timestamp is no whole number: the signed text would be
 *   ambiguous.
 * @example headers['webhook-signature'] = signWebhook({ id, timestamp, body }, secret);
 */
export function signWebhook({ id, timestamp, body }: WebhookParts, secret: string | Uint8Array): string {
  if (!id || id.includes('.')) throw new TypeError('A webhook id has no dots');
  if (!Number.isSafeInteger(timestamp)) throw new TypeError('A webhook timestamp is a whole number of seconds');
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.`).update(body).digest('base64')}`;
}

/**
 * Whether a webhook was signed with one of our secrets, recently. Compares in constant time. A copy sent again inside
 * the tolerance still verifies: deduplicate by `id`.
 *
 * @example if (!verifyWebhook({ id, timestamp, body, signature, secrets: [secret], now })) throw unauthorized();
 */
export function verifyWebhook(webhook: ReceivedWebhook): boolean {
  const { id, timestamp, signature, secrets, now, toleranceSeconds = 300 } = webhook;
  if (!id || id.includes('.') || !Number.isSafeInteger(timestamp)) return false;
  if (Math.abs(now.getTime() / 1000 - timestamp) > toleranceSeconds) return false;
  const presented = signature.split(' ', 8);
  const expected = secrets.map((secret) => signWebhook(webhook, secret));
  return expected.some((wanted) => presented.some((given) => timingSafeEqualText(given, wanted)));
}
