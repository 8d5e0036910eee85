import { defineConfig, secret, setting } from '@holdfast/configuration';
import { z } from 'zod';

const address = () => z.url({ protocol: /^https?$/ }).transform((url) => url.replace(/\/+$/, ''));
const previousSecret = 'still accepted while the webhook secret is being changed';

export const paymentsConfig = defineConfig('payments', {
  providerTimeoutMs: setting(
    z.coerce.number().int().min(100).max(60_000).default(2_000),
    'how long a payment provider may take to answer, milliseconds',
  ),
  acmeUrl: setting(address(), 'where Acme answers, without the version', { variable: 'ACME_URL' }),
  acmeApiKey: secret('key that Acme knows us by', { variable: 'ACME_API_KEY' }),
  acmeWebhookSecret: secret('signs webhooks from Acme', { variable: 'ACME_WEBHOOK_SECRET' }),
  acmePreviousWebhookSecret: secret(previousSecret, { variable: 'ACME_PREVIOUS_WEBHOOK_SECRET', optional: true }),
  globexUrl: setting(address(), 'where Globex answers, without /api', { variable: 'GLOBEX_URL' }),
  globexApiKey: secret('key that signs our requests to Globex', { variable: 'GLOBEX_API_KEY' }),
  globexWebhookSecret: secret('signs notifications from Globex', { variable: 'GLOBEX_WEBHOOK_SECRET' }),
  globexPreviousWebhookSecret: secret(previousSecret, { variable: 'GLOBEX_PREVIOUS_WEBHOOK_SECRET', optional: true }),
});
