/** Nothing was done when the caller sees these. */
export const beforeTheEffect = ['hang', 'reset', 'error500', 'error503', 'error429', 'html', 'redirect'] as const;

/** The operation was carried out; only the reply suffers. */
export const afterTheEffect = [
  'lose-reply',
  'truncated-json',
  'slow-body',
  'huge-body',
  'wrong-content-type',
  'delay',
] as const;

export const onTheWebhook = ['duplicate-webhook', 'drop-webhook', 'delay-webhook'] as const;

export type ReplyFault = (typeof beforeTheEffect)[number] | (typeof afterTheEffect)[number];
export type WebhookFault = (typeof onTheWebhook)[number];

export interface Disturbance<Kind = ReplyFault> {
  kind: Kind;
  delayMs?: number;
}
